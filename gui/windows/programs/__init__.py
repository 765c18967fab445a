"""Programs that may be installed beside Revenge."""
