"""Libraries: folders on disk, and the scan that turns their files into items."""
