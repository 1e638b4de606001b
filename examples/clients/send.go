// Signs one message, and sends it until countersign has stored it.
//
//	WEBHOOK_SECRET=… [WEBHOOK_URL=http://127.0.0.1:8000/webhook] go run send.go [TEXT]
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	mathrand "math/rand"
	"net/http"
	"os"
	"strconv"
	"time"
)

const attempts = 8

// send returns when the message is stored, or when it never will be.
func send(url string, secret, body []byte) error {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	signature := hex.EncodeToString(mac.Sum(nil))
	client := &http.Client{Timeout: 10 * time.Second}
	wait := 500 * time.Millisecond
	for attempt := 1; ; attempt++ {
		status, pause, problem := post(client, url, signature, body)
		if status == http.StatusOK {
			return nil
		}
		// 429, 5xx: not now. No answer (0): it may be stored or not, and the same bytes again are safe, because the
		// id is in them. Any other: the request is wrong, and would be again.
		again := status == 0 || status == http.StatusTooManyRequests || status >= 500
		if !again || attempt == attempts {
			return problem
		}
		jittered := wait/2 + time.Duration(mathrand.Int63n(int64(wait/2)))
		if pause < jittered {
			pause = jittered
		}
		time.Sleep(pause)
		if wait *= 2; wait > 10*time.Second {
			wait = 10 * time.Second
		}
	}
}

func post(client *http.Client, url, signature string, body []byte) (int, time.Duration, error) {
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Signature", signature)
	answer, err := client.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
	problem := fmt.Errorf("refused with %d: %s", answer.StatusCode, text)
	return answer.StatusCode, time.Duration(seconds) * time.Second, problem
}

func main() {
	url, secret := os.Getenv("WEBHOOK_URL"), os.Getenv("WEBHOOK_SECRET")
	if url == "" {
		url = "http://127.0.0.1:8000/webhook"
	}
	text := "Hello from Go"
	if len(os.Args) > 1 {
		text = os.Args[1]
	}
	// The id is made once, and so are the bytes.
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		panic(err)
	}
	body, err := json.Marshal(map[string]string{
		"message_id": hex.EncodeToString(id),
		"from":       "+14155552671",
		"to":         "+14155552672",
		"ts":         time.Now().UTC().Format(time.RFC3339Nano),
		"text":       text,
	})
	if err != nil {
		panic(err)
	}
	if err := send(url, []byte(secret), body); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%x is stored\n", id)
}
