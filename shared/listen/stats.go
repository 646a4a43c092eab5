package listen

import "net/netip"

// SocketStats is the account of one socket. Counters start at 0 with [Listener.Start] and only grow:
//
//	Datagrams = Delivered + Truncated + Refused + BadProxy
//
// but for what is being handed over just now.
type SocketStats struct {
	Worker  int            // number given to the handler
	Address netip.AddrPort // address and port the socket is bound to

	// ReceiveBuffer is the size in bytes of the kernel's buffer as granted, comparable to what was asked; 0 where unknown.
	ReceiveBuffer int

	Datagrams  uint64 // taken from the socket
	Bytes      uint64 // of payload in them
	Delivered  uint64 // handed to the handler, which has returned
	Truncated  uint64 // longer than the buffer: refused
	Refused    uint64 // by the allow-list
	BadProxy   uint64 // refused for their PROXY protocol header
	ReadErrors uint64 // failed reads; the socket goes on

	// KernelDrops counts what the kernel dropped before it could be read, mostly for want of buffer; always 0 on systems that do
	// not tell (all but Linux).
	KernelDrops uint64
}
