ALTER TABLE profiles ADD COLUMN pin_hash text;
