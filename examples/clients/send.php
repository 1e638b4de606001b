#!/usr/bin/env php
<?php
// Signs one message, and sends it until countersign has stored it. PHP 8, without extensions.
//
//   WEBHOOK_SECRET=… [WEBHOOK_URL=http://127.0.0.1:8000/webhook] php send.php [TEXT]
declare(strict_types=1);

const ATTEMPTS = 8;

/** Returns when the message is stored; throws where it never will be. */
function send(string $url, string $secret, string $body): void
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => ['Content-Type: application/json', 'X-Signature: ' . hash_hmac('sha256', $body, $secret)],
        'content' => $body,
        'timeout' => 10,
        'ignore_errors' => true,
    ]]);
    $wait = 0.5;
    for ($attempt = 1; ; $attempt++) {
        $status = 0;
        $pause = 0.0;
        $problem = 'no answer';
        // No answer: it may be stored or not. The same bytes again are safe, because the id is in them.
        if ($stream = @fopen($url, 'r', false, $context)) {
            $problem = (string) stream_get_contents($stream);
            foreach (stream_get_meta_data($stream)['wrapper_data'] as $line) {
                if (preg_match('~^HTTP/\S+ (\d{3})~', $line, $match)) {
                    $status = (int) $match[1];
                } elseif (preg_match('~^Retry-After: *(\d+)~i', $line, $match)) {
                    $pause = (float) $match[1];
                }
            }
            fclose($stream);
        }
        if ($status === 200) {
            return;
        }
        // 429 and 5xx: not now. Any other: the request is wrong, and would be again.
        $again = $status === 0 || $status === 429 || $status >= 500;
        if (!$again || $attempt === ATTEMPTS) {
            throw new RuntimeException("refused with $status: $problem");
        }
        usleep((int) (1e6 * max($pause, $wait * random_int(500, 1000) / 1000)));
        $wait = min(2 * $wait, 10);
    }
}

$secret = getenv('WEBHOOK_SECRET') ?: exit("set WEBHOOK_SECRET to what the receiver verifies with\n");
// The id is made once, and so are the bytes.
$message = [
    'message_id' => bin2hex(random_bytes(16)),
    'from' => '+14155552671',
    'to' => '+14155552672',
    'ts' => gmdate('Y-m-d\TH:i:s\Z'),
    'text' => $argv[1] ?? 'Hello from PHP',
];
try {
    send(getenv('WEBHOOK_URL') ?: 'http://127.0.0.1:8000/webhook', $secret, json_encode($message, JSON_THROW_ON_ERROR));
} catch (RuntimeException $refused) {
    fwrite(STDERR, $refused->getMessage() . "\n");
    exit(1);
}
echo $message['message_id'], " is stored\n";
