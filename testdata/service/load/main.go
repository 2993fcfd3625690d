// Command load asks a service for pages from many clients at once, for some
// time, and prints how many requests that were. It fails if one failed.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	url := flag.String("url", "", "the service, as in http://127.0.0.1:8080")
	paths := flag.String("paths", "", "the pages, separated by commas")
	clients := flag.Int("clients", 64, "how many ask at once")
	length := flag.Duration("for", time.Minute, "how long they ask")
	flag.Parse()

	ctx, cancel := context.WithTimeout(context.Background(), *length)
	defer cancel()
	pages := strings.Split(*paths, ",")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}
	var done, failed atomic.Int64
	var all sync.WaitGroup
	for first := range *clients {
		all.Go(func() {
			for i := first; ctx.Err() == nil; i++ {
				if err := get(client, *url+pages[i%len(pages)]); err != nil {
					log.Print(err)
					failed.Add(1)
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	client.CloseIdleConnections()
	fmt.Println(done.Load(), "requests")
	if failed.Load() > 0 {
		log.Fatal(failed.Load(), " clients gave up")
	}
}

func get(client *http.Client, url string) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", url, resp.Status, text)
	}
	return err
}
