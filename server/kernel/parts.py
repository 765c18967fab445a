"""What a realm hands to the `build` functions of its slices; nobody else sees it whole."""

from msgspec import Struct

from server.kernel.cache import Cache
from server.kernel.clock import Clock
from server.kernel.config import Config
from server.kernel.db import Db
from server.kernel.jobs import Jobs
from server.kernel.messages import Messages
from server.kernel.passwords import Passwords
from server.kernel.settings import Live, Settings
from server.kernel.storage import Storage
from server.kernel.tasks import TaskScope
from server.kernel.workers import WorkerPools


class Parts(Struct, frozen=True, kw_only=True):
    """The parts of one realm.

    Of the configuration only the keys that need no restart ever change.
    """

    cache: Cache
    config: Live[Config]
    clock: Clock
    db: Db
    jobs: Jobs
    messages: Messages
    passwords: Passwords
    settings: Settings
    storage: Storage
    tasks: TaskScope
    workers: WorkerPools
