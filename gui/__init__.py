"""The windows: Qt only, the server only over HTTP."""
