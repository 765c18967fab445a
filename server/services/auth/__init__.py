"""Who somebody is: accounts, profiles, sessions, signing in and out."""
