package stream

import "github.com/weirflow/weir/shared/listen/certificate"

// TLS names the files by which the collector makes itself known, and exporters.
type TLS = certificate.Files
