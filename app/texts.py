"""The few sentences of the status page, in every language of the server."""

from server.kernel.messages import Messages

START_TEXTS = Messages(
    {
        "en": {
            "start.title": "The server is starting",
            "start.stopping": "The server is stopping",
            "start.failed": "The server could not start",
            "start.wait": "This page goes on by itself as soon as everything is ready.",
            "start.postgres": "Database",
            "start.migrate": "Bringing data up to date",
            "start.modules": "Getting the parts ready",
            "start.ready": "Ready",
            "start.problem": "The server is starting. Try again in a moment.",
        },
        "de": {
            "start.title": "Der Server startet",
            "start.stopping": "Der Server wird beendet",
            "start.failed": "Der Server konnte nicht starten",
            "start.wait": "Diese Seite geht von selbst weiter, sobald alles bereit ist.",
            "start.postgres": "Datenbank",
            "start.migrate": "Daten auf den neuen Stand bringen",
            "start.modules": "Teile vorbereiten",
            "start.ready": "Bereit",
            "start.problem": "Der Server startet gerade. Versuch es gleich noch einmal.",
        },
    }
)
