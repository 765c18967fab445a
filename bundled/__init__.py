"""Programs that Revenge brings along, and where to find them."""
