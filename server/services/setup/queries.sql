-- decided: The steps that need no more attention: a library is there, or the step was left for later.
SELECT step, 'skipped' AS state FROM shared.setup_steps WHERE state = 'skipped' AND NOT EXISTS (SELECT FROM libraries)
UNION ALL SELECT 'library', 'done' WHERE EXISTS (SELECT FROM libraries);

-- skip: Leave a step for later.
-- $1 step, $2 now
INSERT INTO shared.setup_steps (step, state, done_at) VALUES ($1, 'skipped', $2)
ON CONFLICT (step) DO NOTHING;
