package resources_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/go-leakcheck/leakcheck/leakcheck"
	"github.com/go-leakcheck/leakcheck/resources"
)

// showLive prints the kinds of what is tracked.
func showLive(when string, tr *leakcheck.Tracker) {
	kinds := []string{}
	for _, i := range tr.Live() {
		kinds = append(kinds, i.Kind)
	}
	fmt.Println(when, kinds)
}

func ExampleDial() {
	tr := leakcheck.NewTracker() // production code leaves this out
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	defer l.Close()

	c, err := resources.Dial("tcp", l.Addr().String(), resources.WithTracker(tr))
	if err != nil {
		fmt.Println(err)
		return
	}
	showLive("open", tr)
	c.Close()
	showLive("closed", tr)
	// Output:
	// open [tcp]
	// closed []
}

func ExampleDialTimeout() {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	defer l.Close()
	c, err := resources.DialTimeout("tcp", l.Addr().String(), time.Minute)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Close())
	// Output: <nil>
}

func ExampleDialContext() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := resources.DialContext(ctx, "tcp", "127.0.0.1:80")
	fmt.Println(err)
	// Output: dial tcp 127.0.0.1:80: operation was canceled
}

func ExampleDialer() {
	tr := leakcheck.NewTracker()
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	defer l.Close()

	d := resources.Dialer{
		Dialer:  net.Dialer{Timeout: 10 * time.Second},
		Options: []resources.Option{resources.WithTracker(tr), resources.WithName("upstream")},
	}
	c, err := d.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Println(tr.Live()[0].Name)
	// Output: upstream
}

func ExampleListen() {
	tr := leakcheck.NewTracker()
	l, err := resources.Listen("tcp", "127.0.0.1:0", resources.WithTracker(tr))
	if err != nil {
		fmt.Println(err)
		return
	}
	client, _ := net.Dial("tcp", l.Addr().String())
	defer client.Close()
	c, _ := l.Accept()
	showLive("accepted", tr)
	l.Close()
	showLive("no longer listening", tr)
	c.Close()
	// Output:
	// accepted [listener tcp]
	// no longer listening [tcp]
}

func ExampleListenConfig() {
	tr := leakcheck.NewTracker()
	config := resources.ListenConfig{Options: []resources.Option{resources.WithTracker(tr)}}
	l, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	showLive("open", tr)
	// Output: open [listener]
}

func ExampleListenPacket() {
	tr := leakcheck.NewTracker()
	c, err := resources.ListenPacket("udp", "127.0.0.1:0", resources.WithTracker(tr))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	showLive("open", tr)
	// Output: open [udp]
}

func ExampleWrapConn() {
	tr := leakcheck.NewTracker()
	a, b := net.Pipe() // any connection
	defer b.Close()
	c, err := resources.WrapConn(a, resources.WithTracker(tr), resources.WithName("pipe"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tr.Live()[0].Name)
	c.Close()
	fmt.Println(tr.Len())
	// Output:
	// pipe
	// 0
}

func ExampleWrapListener() {
	tr := leakcheck.NewTracker()
	inherited, _ := net.Listen("tcp", "127.0.0.1:0")
	l, err := resources.WrapListener(inherited, resources.WithTracker(tr))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	showLive("open", tr)
	// Output: open [listener]
}

func ExampleWrapPacketConn() {
	_, err := resources.WrapPacketConn(nil)
	fmt.Println(err)
	// Output: resources: wrapping a packet connection: it is nil; pass the one that ListenPacket returned, after checking its error
}

func ExampleDialTLS() {
	tr := leakcheck.NewTracker()
	server, client := tlsConfigs()
	l, _ := tls.Listen("tcp", "127.0.0.1:0", server)
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			defer c.Close()
			_, _ = c.Read(make([]byte, 1))
		}
	}()

	c, err := resources.DialTLS("tcp", l.Addr().String(), client, resources.WithTracker(tr))
	if err != nil {
		fmt.Println(err)
		return
	}
	showLive("open", tr)
	c.Close()
	showLive("closed", tr)
	// Output:
	// open [tls]
	// closed []
}

func ExampleDialTLSContext() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := resources.DialTLSContext(ctx, "tcp", "127.0.0.1:443", nil)
	fmt.Println(err)
	// Output: dial tcp 127.0.0.1:443: operation was canceled
}

func ExampleListenTLS() {
	tr := leakcheck.NewTracker()
	config, _ := tlsConfigs()
	l, err := resources.ListenTLS("tcp", "127.0.0.1:0", config, resources.WithTracker(tr))
	if err != nil {
		fmt.Println(err)
		return
	}
	showLive("open", tr)
	l.Close()
	showLive("closed", tr)
	// Output:
	// open [listener]
	// closed []
}
