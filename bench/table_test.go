package main

import "testing"

func TestTable(t *testing.T) {
	var tab table
	tab.add(row{what: "kept", own: 100, unit: duration, peer: "other", peersOwn: 400, ratio: 0.25, budget: budget{ratio: 0.5}})
	tab.add(row{what: "missed", own: 1500, unit: duration, budget: budget{most: 1000}})
	tab.add(row{what: "no budget", own: 12, unit: inBytes, peer: "p", peersOwn: 6, ratio: 2, busy: 1.8})
	tab.add(row{what: "noted", own: 2, unit: inBytes, budget: budget{most: 4}, busy: 1.9})
	tab.add(row{what: "explained", own: 3, unit: inBytes, peer: "p", peersOwn: 2, ratio: 1.5, budget: budget{ratio: 1}, note: "1 B more"})
	tab.add(row{what: "not there", note: "not measured: no network"})
	const want = `what       leakcheck  peer   peer's   ratio     budget
kept          100 ns  other  400 ns  0.25 ×   ≤ 0.50 ×  ok
missed       1.50 µs                         ≤ 1.00 µs  missed by 50 %
no budget       12 B  p         6 B  2.00 ×             *
noted            2 B                             ≤ 4 B  ok*
explained        3 B  p         2 B  1.50 ×   ≤ 1.00 ×  missed by 50 %, 1 B more
not there                                               not measured: no network
* on a busy machine: arithmetic took up to 1.90 × as long on two threads as on one
`
	if got := tab.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTimings(t *testing.T) {
	own, peer := timing{[]float64{2, 30, 4}}, timing{[]float64{4, 10, 4}}
	if got := own.median(); got != 4 {
		t.Errorf("median: %v", got)
	}
	if got := own.over(peer); got != 1 {
		t.Errorf("ratio: %v", got)
	}
	if got := own.less(peer).perRound; got[0] != -2 || got[1] != 20 {
		t.Errorf("difference: %v", got)
	}
}
