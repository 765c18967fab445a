"""Films in segments for players: HTTP Live Streaming (RFC 8216bis) with fragmented MP4."""
