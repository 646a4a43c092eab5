package flowinput

import (
	"os"
	"path/filepath"
	"strings"
)

// stateDir returns the folder where what must survive a restart is kept: the one configured, the one that systemd gives, or one of the
// user's; "" where there is none.
func stateDir(configured string) string {
	if configured != "" {
		return configured
	}
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" {
		first, _, _ := strings.Cut(dir, ":")
		return filepath.Join(first, "weir")
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "weir-telegraf")
	}
	return ""
}
