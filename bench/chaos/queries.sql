-- is_marked: Whether a number has its mark.
-- $1 number
SELECT EXISTS (SELECT FROM chaos_marks WHERE number = $1);

-- mark: Note the effect of a job; nothing but the job itself keeps this from being done twice.
-- $1 number
INSERT INTO chaos_marks (number) VALUES ($1);

-- count: Note that a mark was heard of.
-- $1 number
INSERT INTO chaos_counts (number) VALUES ($1);

-- marks: All numbers that have a mark.
SELECT DISTINCT number FROM chaos_marks ORDER BY number;
