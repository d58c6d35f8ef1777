using System.Text.Json;
using Landlock.Linux;
using Landlock.Sandboxes.Running;

namespace Landlock.Tests.Cli;

/// <summary>
/// `landlocked ps` and `landlocked kill`. Other sandboxes of the user may run meanwhile: only those that a test has started are ended, by
/// their ids.
/// </summary>
public sealed class RunningTests : IDisposable
{
    private const string Start = """
        L=$1; shift
        all="--read-only / --read-write $PWD --bind-tcp 0"
        id() { until [ -s $1 ]; do sleep 0.02; done; cat $1; }
        echo 'echo ${LANDLOCKPS_SANDBOX_FILE##*-} > $1; shift; exec "$@"' > tell
        runs() { grep -qs '^State:[[:space:]]*[^ZX[:space:]]' /proc/$1/status; }
        line() { $L ps | grep "^$1 " | tr -s ' '; }

        """;

    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<Who> Everyone => CliRun.Everyone;

    [CliTheory]
    [MemberData(nameof(Everyone))]
    public void A_sandbox_is_listed_and_ended_with_all_that_it_has_started(Who who)
    {
        string[] lines = Run(who, """
            $L $all sh tell id sh -c 'sleep 301 & sh -c "sleep 302; :" & exec sleep 303' & p=$!
            i=$(id id); sleep 0.3
            line $i | cut -d' ' -f1,2,5- | sed "s/$i/ID/; s/$p/PID/"
            kids=$(cat /proc/$p/task/$p/children)
            $L kill $i; echo $?; wait $p; echo $?
            for k in $kids; do runs $k && echo left $k; done
            line $i
            """);
        Assert.Equal(["ID PID sandbox sleep 303", "0", "143"], lines);
    }

    [CliFact]
    public void What_does_not_end_by_itself_is_killed()
    {
        string[] lines = Run(Who.Ordinary, """
            $L $all sh tell id sh -c 'trap "" TERM; echo > trapped; while :; do sleep 0.1; done' & p=$!
            i=$(id id); t=$(id trapped); $L kill $p; echo $?; wait $p; echo $?; line $i
            """);
        Assert.Equal(["0", "137"], lines);
    }

    [CliFact]
    public void With_a_supervisor_nothing_gets_away()
    {
        string[] lines = Run(Who.Ordinary, """
            $L $all --timeout 300 sh tell id sh -c '(env -i setsid sleep 304 & echo $! > away); exec sleep 305' 2>/dev/null & p=$!
            i=$(id id); a=$(id away); $L kill $i; echo $?; wait $p; echo $?
            runs $a && echo left
            line $i
            """);
        Assert.Equal(["0", "143"], lines);
    }

    [CliTheory]
    [MemberData(nameof(Everyone))]
    public void A_sandbox_neither_lists_nor_ends_what_is_outside_of_it(Who who)
    {
        string[] lines = Run(who, """
            $L $all sh tell outside sleep 306 & p=$!
            o=$(id outside); $L ps | grep -c "^$o "
            cat > script <<'END'
            L=$1; o=$2; me=$(cat own)
            $L --read-only / --read-write $PWD sh tell inner sleep 307 & n=$!
            until [ -s inner ]; do sleep 0.02; done; i=$(cat inner); sleep 0.2
            $L ps | grep -c "^$o "; $L ps | grep -c "^$me "; $L ps | grep "^$i " | tr -s " " | cut -d" " -f5-
            $L kill $o; echo $?; $L kill $me; echo $?; $L kill $i; echo $?; wait $n; echo $?
            END
            $L $all sh tell own sh script $L $o > out 2>&1; sed "s/$o/OUTSIDE/; s/$(cat own)/OWN/" out
            kill -0 $p && echo alive; $L kill $o; wait $p; echo $?
            """);
        Assert.Equal(["1", "0", "0", "sandbox>sandbox sleep 307",
            "landlocked: no sandbox 'OUTSIDE' runs; see landlocked ps; nothing was ended", "125",
            "landlocked: no sandbox 'OWN' runs; see landlocked ps; nothing was ended", "125", "0", "143", "alive", "143"], lines);
    }

    [CliFact]
    public void What_a_process_claims_counts_for_itself_alone()
    {
        string[] lines = Run(Who.Ordinary, """
            sleep 308 & innocent=$!
            esc=$(printf '\033[31m')
            LANDLOCKPS_SANDBOX="x$esc" LANDLOCKPS_SANDBOX_FILE=/x/1-bcdfghjk sleep 309 & one=$!
            LANDLOCKPS_SANDBOX_FILE=/y/2-bcdfghjk sleep 310 & two=$!
            LANDLOCKPS_SANDBOX_FILE=/etc/passwd sleep 311 & none=$!
            sleep 0.3; line bcdfghjk | cut -d' ' -f5-; $L ps | grep -c "sleep 31[01]"
            $L kill bcdfghjk; echo $?; wait $one; echo $?; wait $two; echo $?
            kill $innocent $none && echo alive
            """);
        Assert.Equal(["x\\x1b[31m sleep 309", "0", "0", "143", "143", "alive"], lines);
    }

    [CliFact]
    public void All_of_them_can_be_ended()
    {
        // In a PID namespace, so that nobody else's are among them.
        if (CurrentUser.Id != 0) return;
        CliRun run = CliRun.Program(new Setup { Who = Who.Root, Directory = _scratch.Path }, "/usr/bin/unshare", "--pid", "--fork",
            "--mount-proc", "/bin/sh", "-c", Start + """
            $L $all sleep 312 & p=$!
            $L $all sleep 313 & q=$!
            until [ $($L ps | wc -l) = 3 ]; do sleep 0.05; done
            $L kill sandbox; echo $?; wait $p; echo $?; wait $q; echo $?; $L ps | wc -l
            $L $all sleep 314 & p=$!
            until [ $($L ps | wc -l) = 2 ]; do sleep 0.05; done
            $L kill --all; echo $?; wait $p; echo $?
            $L kill --all; echo $?
            """, "sh", CliRun.Landlocked);
        Assert.Equal(["0", "143", "143", "1", "0", "143", "0", ""], run.Output.Split('\n'));
    }

    [CliFact]
    public void What_cannot_be_meant_is_an_error()
    {
        CliRun.Of("kill").Refused("landlocked: kill needs the ID, the PID or the name of a sandbox, as landlocked ps lists them, or --all "
            + "(a command of that name: landlocked -- kill)");
        CliRun.Of("kill", "--all", "x").Refused("landlocked: --all ends every sandbox; leave out 'x'");
        CliRun.Of("kill", "bbbbbbbb").Refused("landlocked: no sandbox 'bbbbbbbb' runs; see landlocked ps; nothing was ended");
        CliRun.Of("kill", "1").Refused("landlocked: no sandbox '1' runs; see landlocked ps; nothing was ended");
        CliRun.Of("ps", "aux").Refused(
            "landlocked: ps takes no argument but --json, not 'aux' (a command of that name: landlocked -- ps)");
        string programs = Path.GetDirectoryName(CliRun.Landlocked)!;
        CliRun.Of("--read-only", "/usr", "--read-only", programs, CliRun.Landlocked, "ps").Refused(
            "landlocked: the processes of this machine cannot be listed: /proc is not mounted, or may not be read; in a sandbox, allow it "
                + "with --read-only /proc");
    }

    [CliFact]
    public void Json_has_everything()
    {
        string[] lines = Run(Who.Ordinary, """
            $L $all sh tell id sh -c 'sleep 316; :' & q=$!
            i=$(id id); sleep 0.2; $L ps --json > json; $L kill $i; echo $i $q
            """);
        string[] words = lines[^1].Split(' ');
        JsonElement root = JsonDocument.Parse(File.ReadAllText(_scratch["json"])).RootElement;
        Assert.Equal((1, "sandboxes"), (root.GetProperty("schema").GetInt32(), root.GetProperty("kind").GetString()));
        JsonElement one = root.GetProperty("sandboxes").EnumerateArray()
            .Single(item => item.GetProperty("id").GetString() == words[0]);
        Assert.Equal(("sandbox", words[1], 2), (one.GetProperty("name").GetString(), one.GetProperty("processId").GetRawText(),
            one.GetProperty("processes").GetArrayLength()));
        Assert.EndsWith("sleep 316; :", one.GetProperty("command")[2].GetString(), StringComparison.Ordinal);
        DateTimeOffset now = DateTimeOffset.Now;
        Assert.InRange(one.GetProperty("started").GetDateTimeOffset(), now.AddMinutes(-5), now.AddSeconds(5));
    }

    [Fact]
    public void A_number_is_one_process_and_no_later_one()
    {
        ProcessSnapshot snapshot = ProcessSnapshot.Take();
        ulong start = ProcessStatus.Of(Environment.ProcessId)!.Value.Start;
        Assert.True(snapshot.Has(Environment.ProcessId, start));
        Assert.False(snapshot.Has(Environment.ProcessId, start + 1));
        Assert.Empty(snapshot.WithDescendants([int.MaxValue]));
        Assert.Null(snapshot.Open(int.MaxValue));
        using ProcessHandle? own = snapshot.Open(Environment.ProcessId);
        Assert.NotNull(own);
        Assert.Null(RunningSandbox.Obstacle);
    }

    private string[] Run(Who who, string script)
    {
        CliRun run = CliRun.Program(new Setup { Who = who, Directory = _scratch.Path },
            "/bin/sh", "-c", Start + script, "sh", CliRun.Landlocked);
        // A shell may say of a job that a signal has ended it.
        Assert.Empty(run.Error.Split('\n').Except(["", "Terminated", "Killed"]));
        return run.Output.TrimEnd('\n').Split('\n');
    }
}
