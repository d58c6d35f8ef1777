using System.Text.RegularExpressions;
using Landlock.Tests.Hosts;

namespace Landlock.Tests.Kernels;

/// <summary>
/// Rules for hosts on a booted kernel, among the hosts of tests/Kernels/world.c. Each case is for root and for an ordinary user.
/// </summary>
internal static class HostCases
{
    private const string World = "mkdir -m 777 /tmp/s; world > /tmp/asked & sockets serve /tmp/s > /tmp/ready & while ! test -s /tmp/asked "
        + "|| ! test -s /tmp/ready; do sleep 0.1; done; ";

    private const string Rules = "--connect-host api.example.com:80 --connect-host '*.pkg.example:80' --connect-host "
        + "inhosts.example.org:80 --connect-host this.example.com:80 --connect-host broken.example.com:80 "
        + "--connect-host 127.0.0.1:80 --connect-host 10.9.0.2:82";

    // Tells what came of connecting to each by bash.
    private const string Each = "each() { for to; do { : > /dev/tcp/$to; } 2>&1 | { read -r line && echo \"$to: ${line##*: }\" || echo "
        + "\"$to: reached\"; }; done; }; each";

    private const string Denied = "Permission denied", Unknown = "Name or service not known";

    private const string BindLost = "landlocked: warning: the ruleset is enforced in part: this kernel has Landlock ABI 2 and lacks "
        + "bind_tcp (needs ABI 4, Linux 6.7)\n";

    // The address of a name is known when the name was asked for, and not before.
    private static readonly (string To, string Answer)[] s_ways =
    [
        ("127.0.0.1/80", "reached"), ("127.0.0.1/81", Denied), ("127.0.0.9/80", Denied), ("0.0.0.0/80", "reached"), ("::1/80", Denied),
        ("10.9.0.2/82", "reached"), ("10.9.0.2/80", Denied), ("10.9.0.3/82", Denied), ("fd00:9::3/80", Denied), ("10.9.1.1/80", Denied),
        ("api.example.com/80", "reached"), ("API.Example.COM./80", "reached"), ("10.9.1.1/80", "reached"), ("10.9.1.1/81", Denied),
        ("api.example.com/81", Denied), ("a.pkg.example/80", "reached"), ("pkg.example/80", Unknown), ("b.pkg.example/80", Unknown),
        ("evil.example.net/80", Unknown), ("inhosts.example.org/80", "reached"), ("10.9.2.1/80", "reached"),
        ("this.example.com/81", Denied), ("broken.example.com/80", "Temporary failure in name resolution"), ("localhost/80", "reached"),
    ];

    /// <summary>The cases.</summary>
    public static KernelCase[] All { get; } = [.. For("root", ""), .. For("user", "setpriv --reuid=65534 --regid=65534 --clear-groups ")];

    /// <summary>Adds what they need.</summary>
    public static void Add(Initramfs files, Hardware hardware)
    {
        files.Add("/usr/bin/world", Machine.Compile("tests/Kernels/world.c", hardware));
        files.Add("/etc/resolv.conf", "nameserver 10.9.0.53\n"u8);
        files.Add("/etc/hosts", "127.0.0.1 localhost\n10.9.2.1 inhosts.example.org\n"u8);
        files.Add("/etc/nsswitch.conf", "hosts: files dns\n"u8);
    }

    // Those that need no zone, and no processes of others. Races take thousands of calls: two of a user's are enough everyday.
    private static HostAttempt[] Attempts(string who) => [.. HostAttempt.All.Where(one => one.Program == one.Name && one.Options.Length == 0
        && !one.IsOpen && one.Name is not ("host_random" or "datagram_multicast") && Regex.IsMatch(one.Name, "^(host|datagram)_?")
        && (!one.Name.Contains("_race_", StringComparison.Ordinal)
            || (who == "user" && (BootedKernel.Soak || one.Name is "host_race_address" or "host_race_descriptor"))))];

    private static IEnumerable<KernelCase> For(string who, string become)
    {
        string landlocked = $"{become}landlocked --read-only /usr --read-only /etc ";
        yield return Case($"hosts-reached-{who}", $"{World}{landlocked}{Rules} -- bash -c '{Each} {string.Join(' ', s_ways.Select(way =>
            way.To))}; sockets stream /tmp/s/stream datagram-sendto /tmp/s/datagram'; cat /tmp/asked", (kernel, answer) =>
        {
            string said = string.Concat(s_ways.Select(way => $"{way.To}: {way.Answer}\n"));
            Assert.StartsWith($"{said}stream /tmp/s/stream: Address family not supported by protocol\n"
                + "datagram-sendto /tmp/s/datagram: Address family not supported by protocol\nready\n", answer.Output,
                StringComparison.Ordinal);
            // Nobody was asked for names that no rule allows.
            Assert.Equal(["a.pkg.example", "api.example.com", "b.pkg.example", "broken.example.com", "ready", "this.example.com"],
                answer.Output.Split("datagram: Address family not supported by protocol\n")[1].TrimEnd().Split('\n').Distinct()
                    .Order(StringComparer.Ordinal));
            Assert.Equal(kernel.Abi >= 4 ? "" : BindLost, answer.Error);
        });
        yield return Case($"hosts-explained-{who}", $"{World}{landlocked}{Rules} --explain -- bash -c '{Each} 127.0.0.9/80 10.9.0.3/443 "
            + "evil.example.net/80'", (_, answer) =>
        {
            Assert.Equal($"127.0.0.9/80: {Denied}\n10.9.0.3/443: {Denied}\nevil.example.net/80: {Unknown}\n", answer.Output);
            foreach ((string operation, string target, string rule) in ((string, string, string)[])[
                ("connect", "127.0.0.9:80", "127.0.0.9:80"), ("connect", "10.9.0.3:443", "10.9.0.3:443"),
                ("resolve", "evil.example.net", "evil.example.net:443")])
                Assert.Contains($"  {operation} {target}: denied by the sandbox, by bash\n      --connect-host {rule}\n", answer.Error,
                    StringComparison.Ordinal);
        });
        // What was traced is reached again, and nothing else.
        yield return Case($"hosts-learned-{who}", $"{World}{become}landlocked trace --hosts --learn /tmp/s/learned.toml -- bash "
            + $"-c '{Each} api.example.com/80 10.9.0.3/81'; {become}landlocked --policy /tmp/s/learned.toml -- bash -c '{Each} "
            + "api.example.com/80 10.9.0.3/81 10.9.0.3/80 evil.example.net/80'", (_, answer) =>
        {
            Assert.EndsWith("api.example.com/80: reached\n10.9.0.3/81: reached\napi.example.com/80: reached\n10.9.0.3/81: reached\n"
                + $"10.9.0.3/80: {Denied}\nevil.example.net/80: {Unknown}\n", answer.Output, StringComparison.Ordinal);
            // A rule for a socket of nscd would be skipped, and would open UNIX sockets.
            Assert.DoesNotContain("nscd", answer.Error, StringComparison.Ordinal);
        });
        yield return Case($"hosts-unix-{who}", $"{World}{landlocked}{Rules} --disable resolve_unix -- sockets stream /tmp/s/stream; echo "
            + "$?", (kernel, answer) =>
        {
            if (kernel.Abi >= 4) KernelCase.Is(answer, 0, "stream /tmp/s/stream: done\n0\n", "");
            else
                KernelCase.Is(answer, 0, "125\n", "landlocked: hosts and UNIX sockets together need Landlock ABI 4 (Linux 6.7), and this "
                    + $"kernel has ABI {kernel.Abi}. Leave out the rules for UNIX sockets, or the hosts\n");
        });
        HostAttempt[] attempts = Attempts(who);
        string tries = $"for one in {string.Join(' ', attempts.Select(one => one.Name))}; do echo \"$one: $(attack $one /tmp/h)\"; done";
        string rules = Rules.Replace("--connect-host 127.0.0.1:80 ", "", StringComparison.Ordinal);
        // Root's are the same calls with more rights: in long runs.
        if (who == "root" && !BootedKernel.Soak) yield break;
        yield return Case($"hosts-attempts-{who}", $"{World}mkdir -m 777 /tmp/h; {become}landlocked --read-write-execute / {rules} -- sh "
            + $"-c '{tries}'; echo without; echo > /tmp/h/patient; {become}sh -c '{tries}'", (kernel, answer) =>
            Check(kernel, attempts, answer)) with
        { Seconds = 300 };
    }

    private static void Check(BootedKernel kernel, HostAttempt[] attempts, Answer answer)
    {
        string[] halves = answer.Output.Split("without\n");
        Assert.True(halves.Length == 2, $"{answer}");
        Dictionary<string, string> sandboxed = Lines(halves[0]), without = Lines(halves[1]);
        List<string> wrong = [];
        foreach (HostAttempt attempt in attempts)
        {
            string said = sandboxed[attempt.Name], control = without[attempt.Name];
            // Where the kernel cannot refuse a port, to bind it is no way to anybody: nobody may listen.
            bool isOpen = attempt.Name == "host_bind" && kernel.Abi < 4;
            bool isRefused = said.StartsWith("refused: ", StringComparison.Ordinal)
                && said.Contains(attempt.Answer, StringComparison.Ordinal);
            bool isImpossible = control.StartsWith("impossible: ", StringComparison.Ordinal) && attempt.MayBeImpossible is not null;
            if ((isOpen ? said != "worked" : !isRefused && !(isImpossible && said.StartsWith("impossible: ", StringComparison.Ordinal)))
                || (control != "worked" && attempt.MayBeImpossible is null))
                wrong.Add($"{attempt.Name}: not {attempt.Answer}: {said}; without: {control}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Append(answer.Error)));
    }

    private static Dictionary<string, string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(": ", 2)).ToDictionary(words => words[0], words => words[1]);

    private static KernelCase Case(string name, string script, Action<BootedKernel, Answer> check) => KernelCase.Root(name, script, check);
}
