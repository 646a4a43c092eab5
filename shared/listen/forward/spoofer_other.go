//go:build !linux

package forward

import "errors"

func newSpoofer() (writer, error) {
	return nil, errors.New("sending with the exporters' addresses is possible on Linux only; use a PROXY protocol header (proxy: true)")
}
