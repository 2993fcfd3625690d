package instrument

// unix reports whether package internal/poll has descriptors on a system.
func unix(goos string) bool {
	switch goos {
	case "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "linux", "netbsd", "openbsd", "solaris":
		return true
	}
	return false
}

func linux(goos string) bool { return goos == "linux" || goos == "android" }
