//go:build cgo

package duckdb

import (
	"context"
	"slices"
	"time"
)

// interfacesTable makes the table of what passed interfaces and VLANs, and of what processors said. Rows are appended: of those of a
// thing, minute, source and run that with the greatest version counts. NULL is an amount that is not known. A folder of an earlier
// version gets the table, or the columns of laterColumns, when it is opened for writing.
const interfacesTable = `CREATE TABLE IF NOT EXISTS interfaces (exporter_hi UBIGINT, exporter_lo UBIGINT, if_index UINTEGER, begins TIMESTAMP, source UTINYINT,
	run UBIGINT, seconds DOUBLE, late DOUBLE, ` + "in_octets DOUBLE, in_framing DOUBLE, in_unicast DOUBLE, in_multicast DOUBLE, in_broadcast DOUBLE, in_discards DOUBLE, in_errors DOUBLE, " +
	"out_octets DOUBLE, out_framing DOUBLE, out_unicast DOUBLE, out_multicast DOUBLE, out_broadcast DOUBLE, out_discards DOUBLE, out_errors DOUBLE, " +
	`name VARCHAR, alias VARCHAR, speed UBIGINT, admin UTINYINT, oper UTINYINT, stored TIMESTAMP, version UBIGINT)`

// numberColumns are the whole numbers of a row.
var numberColumns = [...]string{"exporter_hi", "exporter_lo", "kind", "if_index", "source", "run", "speed", "admin", "oper", "version"}

// amountColumns are the columns of amounts, as valuesOf has them. Those from in_variance on came later than the table.
var amountColumns = [...]string{
	"in_octets", "in_framing", "in_unicast", "in_multicast", "in_broadcast", "in_discards", "in_errors",
	"out_octets", "out_framing", "out_unicast", "out_multicast", "out_broadcast", "out_discards", "out_errors", "in_variance", "out_variance",
	"eth_alignment", "eth_fcs", "eth_too_long", "eth_internal_receive", "eth_collisions", "eth_late_collisions", "eth_carrier", "eth_internal_transmit", "eth_symbol",
	"samples", "load_5s", "load_5s_peak", "load_1m", "load_1m_peak", "load_5m", "load_5m_peak", "memory", "memory_free",
}

// Where amountColumns has what not every minute has, and how many there are.
const (
	firstLater    = 14
	firstEthernet = 16
	firstGauge    = 25
	amounts       = len(amountColumns)
)

// laterColumns are what came to the table after its first version, with their types.
func laterColumns() [][2]string {
	list := [][2]string{{"kind", "UTINYINT"}}
	for _, name := range amountColumns[firstLater:] {
		list = append(list, [2]string{name, "DOUBLE"})
	}
	return list
}

// missingColumns returns the laterColumns that the table has not.
func missingColumns(ctx context.Context, c *conn) ([][2]string, error) {
	r, err := c.query(ctx, "SELECT column_name FROM duckdb_columns() WHERE table_name = 'interfaces'")
	if err != nil {
		return nil, err
	}
	defer r.close()
	there := map[string]bool{}
	for r.next() {
		there[r.text(0)] = true
	}
	return slices.DeleteFunc(laterColumns(), func(column [2]string) bool { return there[column[0]] }), nil
}

// makeInterfaces makes the table, or gives one of an earlier version the columns that it lacks.
func makeInterfaces(ctx context.Context, c *conn) error {
	if err := c.exec(ctx, interfacesTable); err != nil {
		return err
	}
	missing, err := missingColumns(ctx, c)
	if err != nil {
		return err
	}
	for _, column := range missing {
		if err := c.exec(ctx, "ALTER TABLE interfaces ADD COLUMN "+column[0]+" "+column[1]); err != nil {
			return err
		}
	}
	return nil
}

// interfacesNow returns the table as one with all columns: rows of an earlier version are of interfaces, and say nothing in the others.
func interfacesNow(ctx context.Context, c *conn) (string, error) {
	missing, err := missingColumns(ctx, c)
	if err != nil {
		return "", err
	}
	from := "(SELECT *"
	for _, column := range missing { // opened for reading
		from += ", NULL::" + column[1] + " AS " + column[0]
	}
	return from + " FROM interfaces)", nil
}

// NewestMinute returns the end of the last minute of interfaces, VLANs and processors; zero where there are none.
func (s *Store) NewestMinute(ctx context.Context) (newest time.Time, err error) {
	err = s.readers.read(ctx, weightless, func(c *conn) error {
		if there, err := hasInterfaces(ctx, c); err != nil || !there {
			return err
		}
		r, err := c.query(ctx, "SELECT max(begins) FROM interfaces")
		if err != nil {
			return err
		}
		defer r.close()
		if r.next() && !r.null(0) {
			newest = r.time(0).Add(time.Minute)
		}
		return nil
	})
	return newest, err
}

// hasInterfaces tells whether there is a table: an earlier version's folder that was opened for reading may have none.
func hasInterfaces(ctx context.Context, c *conn) (bool, error) {
	n, err := one[int64](ctx, c, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'interfaces'")
	return n > 0, err
}
