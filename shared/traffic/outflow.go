package traffic

import "net/netip"

// outflow is one TCP session with which a host sends data out.
type outflow struct {
	from, to netip.Addr
	port     uint16
	bytes    float64
	rate     float64 // bit/s
}

// attack draws the rate and makes the session; its detector is for the caller.
func (o *outflow) attack(a *act) attack {
	o.rate = logUniform(a.r, 3e6, 30e6)
	out := *o
	return attack{
		actors: addrs(o.from), victims: addrs(o.to), service: Service{"tcp", o.port},
		make: once(a.start, func(em *emitter) {
			r := a.stream(1)
			s := session{client: out.from, server: out.to, cport: ephemeral(r), sport: out.port, start: a.start, rtt: 40}
			s.up, s.down = transfer(uint64(out.bytes), uniform(r, 1200, 1400))
			s.down.payload = uint64(between(r, 3000, 20_000))
			s.length = int64(out.bytes * 8 / out.rate * 1000)
			s.tcp(r, em)
		}),
	}
}
