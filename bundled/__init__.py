"""Programs that Revenge brings along or installs on request, and where to find them."""
