using System.Runtime.InteropServices;
using Landlock.Documents;
using Landlock.Profiles;
using Landlock.Sandboxes;
using Landlock.Tests.Cli;
using Landlock.Tests.Exec;
using Landlock.Tests.Profiles;

namespace Landlock.Tests.Attack;

/// <summary>
/// A sandbox that runs already exchanges names where it may write while another one is set up. The attacker here is a thread without a
/// sandbox: it may do more than any of them. LANDLOCKPS_SOAK=1 tries each 2,000 times.
/// </summary>
public sealed partial class RaceTests : IDisposable
{
    private static readonly int Tries = Environment.GetEnvironmentVariable("LANDLOCKPS_SOAK") == "1" ? 2000 : 40;

    private readonly ProfileFolders _folders = new();

    public void Dispose() => _folders.Dispose();

    /// <summary>What is made for temporary files becomes a link to somebody's secrets at once.</summary>
    [CliFact]
    public void A_fresh_directory_for_temporary_files_is_not_exchanged()
    {
        string parent = _folders["tmp"], victim = _folders["victim"];
        foreach (string folder in (string[])["", "t"])
        {
            Directory.CreateDirectory(Path.Combine(victim, folder));
            File.WriteAllText(Path.Combine(victim, folder, "secret"), "SECRET\n");
        }

        int exchanged = 0, open = 0, ran = 0;
        string error = "";
        string script =
            $"cat {victim}/secret {victim}/t/secret $TMPDIR/secret 2>&-; touch {victim}/planted {victim}/t/planted 2>&-; echo ran";
        using (Attacker _ = new(() => exchanged += Exchange(parent, victim)))
        {
            for (int i = 0; i < Tries; i++)
            {
                CliRun run = CliRun.Of(new Setup { Environment = ["PATH=/usr/bin:/bin", $"TMPDIR={parent}"] }, "--read-only", "/usr",
                    "--private-temp", "--", "sh", "-c", script);
                if (run.Output.Contains("SECRET", StringComparison.Ordinal) || File.Exists($"{victim}/planted")
                    || File.Exists($"{victim}/t/planted"))
                {
                    open++;
                }
                if (run.Output.Contains("ran", StringComparison.Ordinal)) ran++;
                else Assert.Equal(125, run.ExitCode);
                error = run.Error;
            }
        }

        Assert.True(open == 0, $"{open} of {Tries} times the command got at what the link led to");
        // On a busy machine few tries are over before the thread has its turn.
        Assert.True(Tries < 2000 || exchanged > 0, $"nothing was exchanged in {Tries} tries, of which {ran} ran: {error}");
    }

    /// <summary>
    /// The path of a profile's rule leads to something harmless when the guard looks, and to the profiles themselves when it is used.
    /// </summary>
    [KernelFact]
    public void The_guard_of_a_profile_is_not_passed()
    {
        string link = _folders["work/link"], profiles = _folders["home/.config/landlockps/profiles"], planted =
            Path.Combine(profiles, "planted");
        Directory.CreateDirectory(_folders["work/harmless"]);
        _folders.Add("work", "workspace = false\n" + _folders.Context("work"), ProfileFolders.DenyAll
            + ProfileFolders.Rule("/", "read_file", "read_dir", "execute") + ProfileFolders.Rule(link, "write_file", "make_reg"));
        File.CreateSymbolicLink(link, "harmless");
        ProfileStore store = _folders.Store();
        Profile[] active = [.. store.FindActive(_folders["work"]).Select(match => match.Profile)];
        int passed = 0, refused = 0, ran = 0, exchanged = 0;
        using (Attacker _ = new(() => { Lead(link, profiles); Lead(link, "harmless"); exchanged++; }))
        {
            for (int i = 0; i < Tries; i++)
            {
                try
                {
                    LaunchPlan plan = ProfilePlanner.Plan("/bin/touch", active, store, _folders.Sources());
                    ExecRun run = ExecRun.Of(PlanImage.Write(plan with
                    {
                        TakesArguments = false,
                        OnlyIn = null,
                        Arguments = ["touch", planted],
                    }, "test"));
                    if (run.Outcome == PlanOutcome.Executed) ran++;
                    else Assert.Equal((125, PlanStep.OpenPath), (run.ExitCode, run.Step));
                }
                catch (PolicyException)
                {
                    refused++;
                }

                if (File.Exists(planted)) passed++;
            }
        }

        Assert.True(passed == 0, $"{passed} of {Tries} times the command wrote to the profiles");
        Assert.True(Tries < 2000 || (exchanged > 0 && refused > 0 && ran > 0), $"{exchanged} exchanges, {refused} refusals, {ran} runs");
    }

    // As a link cannot be changed, another one takes its place.
    private static void Lead(string link, string target)
    {
        _ = symlink(target, link + ".new");
        _ = rename(link + ".new", link);
    }

    private static int Exchange(string parent, string victim)
    {
        int exchanged = 0;
        foreach (string path in Directory.GetDirectories(parent, "landlockps-*"))
        {
            if (rename(path, $"{parent}/aside-{Guid.NewGuid():N}") == 0 && symlink(victim, path) == 0) exchanged++;
        }

        return exchanged;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int symlink(string target, string path);

    /// <summary>Does something over and over until it is disposed.</summary>
    private sealed class Attacker : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _ends;

        public Attacker(Action attempt)
        {
            _thread = new Thread(() =>
            {
                while (!_ends) attempt();
            });
            _thread.Start();
        }

        public void Dispose()
        {
            _ends = true;
            _thread.Join();
        }
    }
}
