// Package browsertest drives a headless Chromium for tests of pages: it opens them as a reader does, presses keys, clicks, prints, narrows
// the window, takes pictures, and remembers what the page asked for and complained about. Nothing that a page asks for leaves the machine:
// names do not resolve and no proxy is used.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// within is how long anything asked of the browser may take before the test fails. Nothing waits for it to pass.
const within = 30 * time.Second

// Browser is a running Chromium with a profile of its own.
type Browser struct{ ctx context.Context }

// Start runs Chromium until the test ends. The test is skipped where it is not installed, or fails where nothing may skip (WEIR_CI).
func Start(t testing.TB) *Browser {
	t.Helper()
	path := find(t)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(options(), chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()))...)
	ctx, end := chromedp.NewContext(allocator, chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until its processes have ended
		end()
		stop()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return &Browser{ctx: ctx}
}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("WEIR_CI") != "" {
		t.Fatal("chromium is not installed: scripts/setup test")
	}
	t.Skip("SKIPPED: chromium is not installed, no page is tested in a browser")
	return ""
}

// options are Chromium's: no window, nothing of its own in the network, the same picture everywhere.
func options() []chromedp.ExecAllocatorOption {
	list := []chromedp.ExecAllocatorOption{
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("font-render-hinting", "none"),
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter"),
	}
	for _, name := range []string{
		"no-proxy-server", "disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage",
		"disable-extensions", "disable-default-apps", "disable-domain-reliability", "disable-client-side-phishing-detection", "disable-breakpad",
		"metrics-recording-only", "mute-audio", "hide-scrollbars",
	} {
		list = append(list, chromedp.Flag(name, true))
	}
	return list
}
