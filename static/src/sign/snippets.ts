import { quote } from './quote.ts';
import { deliveryId, isTimed, PLACE, schemeOf, type Scheme, type SchemeName } from './scheme.ts';

/**
 * The same message as a program, in several languages. Each reads the secret from `WEBHOOK_SECRET`, signs exactly the bytes
 * that it sends, and prints the answer.
 */
export const LANGUAGES = ['bash', 'python', 'node', 'go', 'php', 'rust'] as const;
export type Language = (typeof LANGUAGES)[number];

type Places = Record<'id' | 'ts' | 'sig', string>;

/** Replaces the places of a pattern by what stands for them in a language, and the rest as the language writes text. */
function fillIn(pattern: string, places: Places, text = (piece: string) => piece): string[] {
  const parts = pattern.split(PLACE).map((piece, i) => (i % 2 === 0 ? piece && text(piece) : places[piece as keyof Places]));
  return parts.filter((part) => part !== '');
}

const lines = (...all: (string | false)[]): string => all.filter((line) => line !== false).join('\n') + '\n';

/** What a generator needs to know of a scheme and a body. */
interface Given {
  scheme: Scheme;
  url: string;
  body: string;
  /** The delivery's id, if the scheme signs one. */
  id: string | null;
  timed: boolean;
  decodes: boolean;
}

function given(name: SchemeName, url: string, body: string): Given {
  const scheme = schemeOf(name);
  const id = scheme.preamble.includes('{id}') ? deliveryId(body) : null;
  return { scheme, url, body, id, timed: isTimed(name), decodes: scheme.decodes ?? false };
}

/**
 * The lines that sign a body and send it, where the secret is in the environment. They hold no comment: zsh, the shell of
 * every Mac, takes a `#` typed at its prompt as a word, so a pasted comment would be an error.
 */
export function curlLines(url: string, name: SchemeName, body: string): string[] {
  const { scheme, id, timed, decodes } = given(name, url, body);
  const variables: Places = { id: '${ID}', ts: '${TS}', sig: '$SIG' };
  const signed = `"${fillIn(scheme.preamble, variables).join('')}$BODY"`;
  const key = decodes ? '-mac HMAC -macopt "hexkey:$KEY"' : '-hmac "$WEBHOOK_SECRET"';
  const written = scheme.encoding === 'hex' ? `-r | cut -d' ' -f1` : '-binary | base64';
  const digest = `$(printf %s ${signed} | openssl dgst -sha256 ${key} ${written})`;
  const inline = scheme.preamble === '';
  const places = { ...variables, sig: inline ? digest : '$SIG' };
  const headers = scheme.headers.map(([header, value]) => `-H "${header}: ${fillIn(value, places).join('')}"`);
  return [
    `BODY=${quote.bash(body)}`,
    ...(id === null ? [] : [`ID=${quote.bash(id)}`]),
    ...(timed ? ['TS=$(date +%s)'] : []),
    ...(decodes ? [`KEY=$(printf %s "\${WEBHOOK_SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \\n')`] : []),
    ...(inline ? [] : [`SIG=${digest}`]),
    // Not `--data`, which takes what begins with an `@` for the name of a file.
    `curl -X POST ${quote.bash(url)} -H "Content-Type: application/json" ${headers.join(' ')} --data-raw "$BODY"`,
  ];
}

/** The request as it stands, already signed: it holds the signature, and not the secret. */
export function signedCurl(url: string, headers: readonly (readonly [name: string, value: string])[], body: string): string {
  const all = [['Content-Type', 'application/json'] as const, ...headers];
  return [`curl -X POST ${quote.bash(url)}`, ...all.map(([name, value]) => `-H ${quote.bash(`${name}: ${value}`)}`), `--data-raw ${quote.bash(body)}`].join(
    ' \\\n  ',
  );
}

function python({ scheme, url, body, id, timed, decodes }: Given): string {
  const places = { id: '{delivery}', ts: '{now}', sig: '{signature}' };
  const format = (pattern: string) => {
    const text = fillIn(pattern, places).join('');
    const only = /^\{(\w+)\}$/.exec(text);
    return only ? only[1] : `f"${text}"`;
  };
  const signed = scheme.preamble ? `${format(scheme.preamble)}.encode() + body` : 'body';
  return lines(
    (decodes || scheme.encoding === 'base64') && 'import base64',
    'import hashlib',
    'import hmac',
    'import os',
    timed && 'import time',
    'import urllib.error',
    'import urllib.request',
    '',
    decodes
      ? 'secret = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_") + "==")'
      : 'secret = os.environ["WEBHOOK_SECRET"].encode()',
    `body = ${quote.python(body)}.encode()`,
    id !== null && `delivery = ${quote.python(id)}`,
    timed && 'now = str(int(time.time()))',
    scheme.encoding === 'hex'
      ? `signature = hmac.new(secret, ${signed}, hashlib.sha256).hexdigest()`
      : `signature = base64.b64encode(hmac.new(secret, ${signed}, hashlib.sha256).digest()).decode()`,
    '',
    'request = urllib.request.Request(',
    `    ${quote.python(url)},`,
    '    data=body,',
    '    headers={',
    '        "Content-Type": "application/json",',
    ...scheme.headers.map(([name, value]) => `        "${name}": ${format(value)},`),
    '    },',
    ')',
    'try:',
    '    answer = urllib.request.urlopen(request)',
    'except urllib.error.HTTPError as error:',
    '    answer = error',
    'print(answer.status, answer.read().decode())',
  );
}

function node({ scheme, url, body, id, timed, decodes }: Given): string {
  const places = { id: '${delivery}', ts: '${now}', sig: '${signature}' };
  const format = (pattern: string) => {
    const text = fillIn(pattern, places).join('');
    const only = /^\$\{(\w+)\}$/.exec(text);
    return only ? only[1] : `\`${text}\``;
  };
  return lines(
    `import { createHmac } from 'node:crypto';`,
    '',
    decodes
      ? `const secret = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ''), 'base64');`
      : 'const secret = process.env.WEBHOOK_SECRET;',
    `const body = ${quote.node(body)};`,
    id !== null && `const delivery = ${quote.node(id)};`,
    timed && 'const now = String(Math.floor(Date.now() / 1000));',
    `const signature = createHmac('sha256', secret)${scheme.preamble ? `.update(${format(scheme.preamble)})` : ''}.update(body).digest('${scheme.encoding}');`,
    '',
    `const answer = await fetch(${quote.node(url)}, {`,
    `  method: 'POST',`,
    '  headers: {',
    `    'Content-Type': 'application/json',`,
    ...scheme.headers.map(([name, value]) => `    '${name}': ${format(value)},`),
    '  },',
    '  body,',
    '});',
    'console.log(answer.status, await answer.text());',
  );
}

function go({ scheme, url, body, id, timed, decodes }: Given): string {
  const places = { id: 'delivery', ts: 'now', sig: 'signature' };
  const join = (pattern: string) => fillIn(pattern, places, (piece) => `"${piece}"`).join(' + ');
  const imports = [
    'crypto/hmac',
    'crypto/sha256',
    ...(decodes || scheme.encoding === 'base64' ? ['encoding/base64'] : []),
    ...(scheme.encoding === 'hex' ? ['encoding/hex'] : []),
    'fmt',
    'io',
    'net/http',
    'os',
    ...(timed ? ['strconv'] : []),
    'strings',
    ...(timed ? ['time'] : []),
  ];
  return lines(
    'package main',
    '',
    'import (',
    ...imports.map((name) => `\t"${name}"`),
    ')',
    '',
    'func main() {',
    ...(decodes
      ? [
          '\tsecret, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimPrefix(os.Getenv("WEBHOOK_SECRET"), "whsec_"), "="))',
          '\tif err != nil {',
          '\t\tpanic("WEBHOOK_SECRET is not base64")',
          '\t}',
        ]
      : ['\tsecret := []byte(os.Getenv("WEBHOOK_SECRET"))']),
    `\tbody := ${quote.go(body)}`,
    id !== null && `\tdelivery := ${quote.go(id)}`,
    timed && '\tnow := strconv.FormatInt(time.Now().Unix(), 10)',
    '\tmac := hmac.New(sha256.New, secret)',
    `\tmac.Write([]byte(${scheme.preamble ? `${join(scheme.preamble)} + ` : ''}body))`,
    scheme.encoding === 'hex'
      ? '\tsignature := hex.EncodeToString(mac.Sum(nil))'
      : '\tsignature := base64.StdEncoding.EncodeToString(mac.Sum(nil))',
    '',
    `\trequest, err := http.NewRequest("POST", ${quote.go(url)}, strings.NewReader(body))`,
    '\tif err != nil {',
    '\t\tpanic(err)',
    '\t}',
    '\trequest.Header.Set("Content-Type", "application/json")',
    ...scheme.headers.map(([name, value]) => `\trequest.Header.Set("${name}", ${join(value)})`),
    '\tanswer, err := http.DefaultClient.Do(request)',
    '\tif err != nil {',
    '\t\tpanic(err)',
    '\t}',
    '\tdefer answer.Body.Close()',
    '\tsaid, _ := io.ReadAll(answer.Body)',
    '\tfmt.Println(answer.StatusCode, string(said))',
    '}',
  );
}

function php({ scheme, url, body, id, timed, decodes }: Given): string {
  const places = { id: '$delivery', ts: '$now', sig: '$signature' };
  const join = (pattern: string) => fillIn(pattern, places, (piece) => `'${piece}'`).join(' . ');
  const signed = scheme.preamble ? `${join(scheme.preamble)} . $body` : '$body';
  return lines(
    '<?php',
    decodes
      ? `$secret = base64_decode(preg_replace('/^whsec_/', '', getenv('WEBHOOK_SECRET')));`
      : `$secret = getenv('WEBHOOK_SECRET');`,
    `$body = ${quote.php(body)};`,
    id !== null && `$delivery = ${quote.php(id)};`,
    timed && '$now = (string) time();',
    scheme.encoding === 'hex'
      ? `$signature = hash_hmac('sha256', ${signed}, $secret);`
      : `$signature = base64_encode(hash_hmac('sha256', ${signed}, $secret, true));`,
    '',
    `$answer = file_get_contents(${quote.php(url)}, false, stream_context_create(['http' => [`,
    `    'method' => 'POST',`,
    `    'header' => [`,
    `        'Content-Type: application/json',`,
    ...scheme.headers.map(([name, value]) => `        '${name}: ' . ${join(value)},`),
    '    ],',
    `    'content' => $body,`,
    `    'ignore_errors' => true,`,
    ']]));',
    `echo $http_response_header[0], ' ', $answer, "\\n";`,
  );
}

/** `format!` takes names in braces as they are. */
function rust({ scheme, url, body, id, timed, decodes }: Given): string {
  const places = { id: '{delivery}', ts: '{now}', sig: '{signature}' };
  const format = (pattern: string) => {
    const text = fillIn(pattern, places).join('');
    const only = /^\{(\w+)\}$/.exec(text);
    // The id is a literal; the others are made here, and lent.
    return only ? (only[1] === 'delivery' ? 'delivery' : `&${only[1]}`) : `format!("${text}")`;
  };
  const base64 = decodes || scheme.encoding === 'base64';
  return lines(
    base64 && `use base64::{Engine, engine::general_purpose::${decodes ? '{STANDARD, STANDARD_NO_PAD}' : 'STANDARD'}};`,
    'use hmac::{Hmac, KeyInit, Mac};',
    'use sha2::Sha256;',
    '',
    'fn main() -> Result<(), Box<dyn std::error::Error>> {',
    '    let secret = std::env::var("WEBHOOK_SECRET")?;',
    decodes &&
      '    let secret = STANDARD_NO_PAD.decode(secret.trim_start_matches("whsec_").trim_end_matches(\'=\'))?;',
    `    let body = ${quote.rust(body)};`,
    id !== null && `    let delivery = ${quote.rust(id)};`,
    timed && '    let now = std::time::UNIX_EPOCH.elapsed()?.as_secs().to_string();',
    `    let mut mac = Hmac::<Sha256>::new_from_slice(${decodes ? '&secret' : 'secret.as_bytes()'})?;`,
    scheme.preamble !== '' && `    mac.update(${format(scheme.preamble)}.as_bytes());`,
    '    mac.update(body.as_bytes());',
    scheme.encoding === 'hex'
      ? '    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();'
      : '    let signature = STANDARD.encode(mac.finalize().into_bytes());',
    '',
    '    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();',
    '    let mut answer = agent',
    `        .post(${quote.rust(url)})`,
    '        .header("Content-Type", "application/json")',
    ...scheme.headers.map(([name, value]) => `        .header("${name}", ${format(value)})`),
    '        .send(body)?;',
    '    println!("{} {}", answer.status(), answer.body_mut().read_to_string()?);',
    '    Ok(())',
    '}',
  );
}

const GENERATORS = { python, node, go, php, rust };

export function snippet(language: Language, name: SchemeName, url: string, body: string): string {
  return language === 'bash' ? `${curlLines(url, name, body).join('\n')}\n` : GENERATORS[language](given(name, url, body));
}

/** The crates of the Rust snippet, for `cargo add`. */
export function crates(name: SchemeName): string[] {
  const { encoding, decodes } = schemeOf(name);
  return [...(decodes || encoding === 'base64' ? ['base64@0.22'] : []), 'hmac@0.13', 'sha2@0.11', 'ureq@3'];
}

/** How the snippet is run, where it is saved under its usual name. */
export function runLine(language: Language, name: SchemeName): string {
  const run = { bash: 'bash send.sh', python: 'python3 send.py', node: 'node send.mjs', go: 'go run send.go', php: 'php send.php' };
  return language === 'rust' ? `cargo add ${crates(name).join(' ')} && cargo run` : run[language];
}
