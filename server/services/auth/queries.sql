-- account: The account of a name, to check its password.
-- $1 name_key
SELECT user_id, name, password_hash, is_disabled FROM shared.users WHERE name_key = $1;

-- account_by_id: The account of a user, to check the password before a change.
-- $1 user_id
SELECT user_id, name, password_hash, is_disabled FROM shared.users WHERE user_id = $1;

-- user_name: The name of an account.
-- $1 user_id
SELECT name FROM shared.users WHERE user_id = $1;

-- administrator_exists: Whether the first administrator was made.
SELECT EXISTS (SELECT FROM shared.users WHERE role = 'administrator') AS administrator_exists;

-- lock_accounts: Let one transaction at a time make an administrator.
LOCK TABLE shared.users IN SHARE ROW EXCLUSIVE MODE;

-- insert_user: Make an account.
-- $1 user_id, $2 name, $3 name_key, $4 password_hash, $5 role, $6 language, $7 now
INSERT INTO shared.users
    (user_id, name, name_key, display_name, password_hash, role, language, is_disabled, created_at, changed_at)
VALUES ($1, $2, $3, $2, $4, $5, $6, false, $7, $7);

-- insert_profile: Make the default profile of an account.
-- $1 profile_id, $2 user_id, $3 name, $4 language, $5 now
INSERT INTO shared.profiles (profile_id, user_id, name, is_default, language, max_level, created_at)
VALUES ($1, $2, $3, true, $4, 100, $5);

-- own_profiles: The profiles of an account, the default one first.
-- $1 user_id
SELECT profile_id, name, is_default, pin_hash IS NOT NULL AS has_pin
FROM shared.profiles WHERE user_id = $1 ORDER BY is_default DESC, name, profile_id;

-- profile_pin: The PIN of an account's profile, to check one that was typed.
-- $1 user_id, $2 profile_id
SELECT pin_hash FROM shared.profiles WHERE user_id = $1 AND profile_id = $2;

-- set_pin: Give a profile a PIN, or none.
-- $1 profile_id, $2 pin_hash, null where it shall have none
UPDATE shared.profiles SET pin_hash = $2 WHERE profile_id = $1;

-- set_password: Give an account a new password.
-- $1 user_id, $2 password_hash, $3 now
UPDATE shared.users SET password_hash = $2, changed_at = $3 WHERE user_id = $1;

-- insert_session: Begin a session.
-- $1 session_id, $2 token_hash, $3 user_id, $4 device_name, $5 client_address, $6 user_agent, $7 now, $8 expires_at
INSERT INTO shared.sessions
    (session_id, token_hash, user_id, profile_id, device_name, client_address, user_agent, created_at, last_seen_at, expires_at)
SELECT $1, $2, $3, profile_id, $4, $5, $6, $7, $7, $8
FROM shared.profiles WHERE user_id = $3 AND is_default;

-- delete_oldest_sessions: Keep only the sessions of a user that were used last; the others are returned.
-- $1 user_id, $2 how many to keep
DELETE FROM shared.sessions WHERE session_id IN (
    SELECT session_id FROM shared.sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, session_id DESC OFFSET $2
) RETURNING session_id;

-- session: A live session, all that a request needs to know of it.
-- $1 token_hash, $2 now, $3 not used since this instant means ended
SELECT s.session_id, u.user_id, u.name AS user_name, u.role, u.language,
    p.profile_id, p.name AS profile_name, p.max_level, s.last_seen_at, s.expires_at,
    ARRAY(SELECT library_id FROM libraries ORDER BY library_id) AS library_ids
FROM shared.sessions s JOIN shared.users u USING (user_id) JOIN shared.profiles p USING (profile_id)
WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3 AND NOT u.is_disabled;

-- touch_session: Note that a session is in use, and let it live on.
-- $1 session_id, $2 now, $3 expires_at
UPDATE shared.sessions SET last_seen_at = $2, expires_at = $3 WHERE session_id = $1;

-- delete_session: End a session.
-- $1 session_id
DELETE FROM shared.sessions WHERE session_id = $1;

-- delete_sessions: End the sessions of a user but one.
-- $1 user_id, $2 session_id that stays, null where none does
DELETE FROM shared.sessions WHERE user_id = $1 AND session_id IS DISTINCT FROM $2;

-- delete_ended_sessions: Forget sessions that can no longer be used.
-- $1 now, $2 not used since this instant means ended
DELETE FROM shared.sessions WHERE expires_at <= $1 OR last_seen_at <= $2;

-- locked_until: Until when the longest locked of some keys is locked; no row when none is.
-- $1 keys, $2 now
SELECT locked_until FROM shared.login_failures WHERE key = ANY ($1) AND locked_until > $2
ORDER BY locked_until DESC LIMIT 1;

-- note_try: Count a try for each key, for none while one is locked; the last one allowed locks it until a right one.
-- $1 keys, $2 tries allowed, $3 locked until, $4 now, $5 older counts are forgotten
INSERT INTO shared.login_failures AS f (key, failure_count, locked_until, failed_at)
SELECT key, 1, CASE WHEN $2::int4 <= 1 THEN $3::timestamptz END, $4 FROM unnest($1::text[]) AS key
WHERE NOT EXISTS (SELECT FROM shared.login_failures WHERE key = ANY ($1) AND locked_until > $4)
ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    failure_count = CASE WHEN f.failed_at < $5 OR f.locked_until IS NOT NULL THEN 1 ELSE f.failure_count + 1 END,
    locked_until = CASE
        WHEN f.failed_at >= $5 AND f.locked_until IS NULL AND f.failure_count + 1 >= $2 THEN $3::timestamptz END,
    failed_at = $4
WHERE f.locked_until IS NULL OR f.locked_until <= $4
RETURNING key;

-- forget_failures: A right try clears the counts of its keys.
-- $1 keys
DELETE FROM shared.login_failures WHERE key = ANY ($1);

-- forget_old_failures: Drop counts that no longer matter.
-- $1 older than this instant
DELETE FROM shared.login_failures WHERE failed_at < $1;
