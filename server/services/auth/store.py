"""The statements of signing in, with the types of their rows."""

from datetime import datetime
from uuid import UUID

from server.kernel.db import Query
from server.kernel.sql import load
from server.services.auth.model import (
    AccountRow,
    NameTaken,
    OwnProfile,
    PinRow,
    SessionRow,
)

sql = load(__file__)

ACCOUNT = Query(sql("account"), AccountRow)
ACCOUNT_BY_ID = Query(sql("account_by_id"), AccountRow)
USER_NAME = Query(sql("user_name"), str)
ADMINISTRATOR_EXISTS = Query(sql("administrator_exists"), bool)
LOCK_ACCOUNTS = Query(sql("lock_accounts"), None)
INSERT_USER = Query(sql("insert_user"), None, on_conflict={"users_name_key_key": NameTaken})
INSERT_PROFILE = Query(sql("insert_profile"), None)
OWN_PROFILES = Query(sql("own_profiles"), OwnProfile)
PROFILE_PIN = Query(sql("profile_pin"), PinRow)
SET_PIN = Query(sql("set_pin"), None)
SET_PASSWORD = Query(sql("set_password"), None)
INSERT_SESSION = Query(sql("insert_session"), None)
DELETE_OLDEST_SESSIONS = Query(sql("delete_oldest_sessions"), UUID)
SESSION = Query(sql("session"), SessionRow)
TOUCH_SESSION = Query(sql("touch_session"), None)
DELETE_SESSION = Query(sql("delete_session"), None)
DELETE_SESSIONS = Query(sql("delete_sessions"), None)
DELETE_ENDED_SESSIONS = Query(sql("delete_ended_sessions"), None)
LOCKED_UNTIL = Query(sql("locked_until"), datetime)
NOTE_TRY = Query(sql("note_try"), str)
FORGET_FAILURES = Query(sql("forget_failures"), None)
FORGET_OLD_FAILURES = Query(sql("forget_old_failures"), None)
