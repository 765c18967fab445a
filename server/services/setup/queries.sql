-- decided: The steps that need no more attention: decided, a library is there, or the step was left for later.
SELECT step, state FROM shared.setup_steps WHERE step <> 'library' OR NOT EXISTS (SELECT FROM libraries)
UNION ALL SELECT 'library', 'done' WHERE EXISTS (SELECT FROM libraries);

-- decide: Note that a step was done, or left for later.
-- $1 step, $2 state, $3 now
INSERT INTO shared.setup_steps (step, state, done_at) VALUES ($1, $2, $3)
ON CONFLICT (step) DO NOTHING;
