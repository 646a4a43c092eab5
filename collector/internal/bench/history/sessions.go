package history

import "github.com/weirflow/weir/shared/flow"

// appendSessions adds the sessions of records, which come as whole datagrams: each question makes one, together with its answer where
// there is one. Package session would make the same of them, after a hold, for several times the cost.
func appendSessions(list []flow.Session, records []flow.Record) []flow.Session {
	for i := range records {
		r := &records[i]
		if answers(i % RecordsPerDatagram) {
			answered(&list[len(list)-1], r)
			continue
		}
		list = append(list, asked(r))
	}
	return list
}

// asked returns the session of a record that nothing answers.
func asked(r *flow.Record) flow.Session {
	s := flow.Session{
		Start: r.Start, End: r.End, Born: r.Start, Client: side(&r.Source), Server: side(&r.Destination), Confidence: 0.9,
		SamplingInterval: r.SamplingInterval, Records: 1, Service: r.Service, Transport: r.IPProtocol, Direction: r.Direction,
		State: flow.StateQ, ExporterCount: 1,
	}
	s.Exporters[0] = r.Exporter
	s.Client.Bytes, s.Client.Packets, s.Client.TCPFlags = r.Bytes, r.Packets, r.TCPFlags
	if r.IPProtocol == tcp {
		s.State = flow.StateUNI
	}
	return s
}

// answered adds the answer to a session.
func answered(s *flow.Session, r *flow.Record) {
	s.Start, s.End = min(s.Start, r.Start), max(s.End, r.End)
	s.Server.Bytes, s.Server.Packets, s.Server.TCPFlags = r.Bytes, r.Packets, r.TCPFlags
	s.Records++
	s.State = flow.StateQR
	if r.IPProtocol == tcp {
		s.State = flow.StateEST
	}
}

func side(e *flow.Endpoint) flow.SessionSide {
	return flow.SessionSide{IP: e.IP, ASN: e.ASN, Groups: e.Groups, Port: e.Port, Country: e.Country}
}

const tcp = 6
