namespace Landlock.Tests.Hosts;

/// <summary>Languages that look names up and connect in their own ways.</summary>
[Collection(HostWorld.Name)]
public sealed class LanguageTests(HostWorld world)
{
    private const string Api = @"this is (10\.9\.0\.2|fd00:9::2)\n", Refused = "PermissionError|Errno 13", Python = "/usr/bin/python3";

    [HostFact("python3")]
    public void Python_fetches()
    {
        world.Sandboxed(HostRules.Usual, Python, "-c",
            "import urllib.request as u; print(u.urlopen('http://api.example.com/who', timeout=20).read().decode(), end='')").Says(Api);
        world.Sandboxed(HostRules.Usual, "env", $"SSL_CERT_FILE={world["ca.pem"]}", Python, "-c",
            "import urllib.request as u; print(u.urlopen('https://api.example.com/who', timeout=20).read().decode(), end='')").Says(Api);
        world.Sandboxed(HostRules.Usual, Python, "-c",
            "import urllib.request as u; print(u.urlopen('http://10.9.0.3/who', timeout=20).read())").Fails(Refused);
    }

    [HostFact("python3")]
    public void Python_makes_300_connections_at_once() => world.Sandboxed(HostRules.Usual, Python, "-c", """
        import asyncio
        async def one(i):
            r, w = await asyncio.open_connection(f"n{i}.pkg.example", 80)
            w.write(b"GET /who HTTP/1.0\r\n\r\n")
            b = await r.read()
            w.close()
            return b.endswith(b"this is 10.9.0.4\n")
        async def main(): print(sum(await asyncio.gather(*[one(i) for i in range(300)])))
        asyncio.run(main())
        """).Says("300\n");

    [HostFact("node")]
    public void Node_fetches() => world.Sandboxed(HostRules.Usual, "node", "-e", """
        require('http').get('http://api.example.com/who', r => r.pipe(process.stdout));
        const ca = require('fs').readFileSync(process.argv[1]);
        require('https').get({ host: 'tls.pkg.example', path: '/who', ca }, r => r.resume().on('end', () => console.log('tls')));
        require('http').get('http://10.9.0.3/who').on('error', e => console.log(e.code));
        """, world["ca.pem"]).Says($"(?=.*{Api})(?=.*tls\n)(?=.*EACCES\n).*");

    [HostFact("node")]
    public void Node_asks_for_names_by_itself() => world.Sandboxed(HostRules.Usual, "node", "-e", """
        const d = require('dns');
        d.resolve4('turning.pkg.example', (e, a) => console.log('four', e, a));
        d.resolve6('six.pkg.example', (e, a) => console.log('six', e, a));
        d.resolve4('evil.example.net', e => console.log('evil', e.code));
        d.resolveTxt('x.pkg.example', e => console.log('text', e.code));
        """).Says(@"(?=.*four null \[ '10\.9\.1\.\d+' \])(?=.*six null \[ 'fd00:9::4' \])(?=.*evil ENOTFOUND)(?=.*text ENODATA).*");

    [HostFact("go")]
    public void Go_resolves_in_a_static_program()
    {
        world.File("main.go", """
            package main
            import ("bufio"; "fmt"; "net"; "os")
            func main() {
                for _, a := range os.Args[1:] {
                    c, err := net.Dial("tcp", a)
                    if err != nil { fmt.Println(err); continue }
                    fmt.Fprint(c, "GET /who HTTP/1.0\r\n\r\n")
                    for s := bufio.NewScanner(c); s.Scan(); { fmt.Println(s.Text()) }
                }
            }
            """);
        // What is compiled of Go itself is kept for the next run.
        string cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/landlockps/go");
        world.Do("export GOCACHE=\"$1\" CGO_ENABLED=0 GO111MODULE=off; mkdir -p \"$1\" || GOCACHE=$PWD/cache; go build -o bin/go main.go",
            cache);
        world.Sandboxed(HostRules.Usual, world["bin/go"], "api.example.com:80", "evil.example.net:80", "10.9.0.3:80")
            .Says($".*{Api}.*lookup evil.example.net .*: no such host\n.*10.9.0.3:80: connect: permission denied\n");
    }

    [HostFact]
    public void PowerShell_fetches()
    {
        string[] pwsh =
            ["env", $"DOTNET_ROOT={Built.DotnetRoot}", "POWERSHELL_TELEMETRY_OPTOUT=1", Built.PowerShell, "-NoProfile", "-Command"];
        HostRun run = world.Sandboxed(HostRules.Usual, [.. pwsh, "$ProgressPreference = 'SilentlyContinue'; "
            + "[Text.Encoding]::ASCII.GetString((Invoke-WebRequest http://api.example.com/who).Content); "
            + "(Invoke-RestMethod https://tls.pkg.example/who -SkipCertificateCheck).Length; "
            + "try { Invoke-WebRequest http://10.9.0.3/who } catch { $_.Exception.Message }; "
            + "try { Invoke-WebRequest http://evil.example.net/who } catch { $_.Exception.Message }"]);
        run.Says($@"{Api}\n17\nPermission denied.*\n.*(not known|No such).*\n");
    }
}
