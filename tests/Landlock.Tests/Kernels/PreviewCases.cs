namespace Landlock.Tests.Kernels;

/// <summary>
/// Previews on a booted kernel: what a command changes, as root and as an ordinary user, and what is said where they cannot be had. The
/// machine has no module for overlays at first.
/// </summary>
internal static class PreviewCases
{
    private const string No = "landlocked: a preview (-Preview, --preview) is not possible: ";

    private const string NoRight = "this kernel cannot keep a command from truncating files elsewhere (Landlock ABI 3, Linux 6.2)";

    private const string NoOverlay = "this kernel has no overlay filesystem (CONFIG_OVERLAY_FS, or the module 'overlay')";

    private const string SwitchedOff = "user namespaces are switched off (user.max_user_namespaces). Root can change that: sysctl "
        + "user.max_user_namespaces=15000";

    private const string RootOnly = "user namespaces are for root only (kernel.unprivileged_userns_clone). Root can change that: sysctl "
        + "kernel.unprivileged_userns_clone=1";

    // Tries a preview, and says what is there afterwards and what `landlocked support` says.
    private const string Attempt = "export XDG_STATE_HOME=/tmp/state; tried() { \"$@\" landlocked --preview --read-only /usr --read-write "
        + "/tmp/tree -- touch /tmp/tree/ran; echo $?; ls -A /tmp/tree; ls -A /tmp/state/landlockps/previews 2> /tmp/none | grep -c .; "
        + "\"$@\" landlocked support | grep -A 1 Previews; }; mkdir -m 777 /tmp/tree; ";

    private const string AsUser = "setpriv --reuid=65534 --regid=65534 --clear-groups";

    // Everything of a directory that a preview keeps.
    private const string Snapshot =
        "snap() { find . -printf '%p %y %m %U:%G %T@ %l\\n' | sort; grep -r '' . | sort; test hard -ef added && echo linked; }; ";

    private const string Before = "umask 022; export XDG_STATE_HOME=/tmp/state; mkdir /tmp/tree /tmp/out; cd /tmp/tree; for one in changed "
        + "removed renamed moded timed ../out/file; do echo 1 > $one; done; mkdir -p d/sub gone; echo 1 > d/sub/inner; echo 1 > gone/x; "
        + "ln -s changed link; touch -d 2001-02-03T04:05:06.789 changed renamed moded d/sub/inner d/sub d .; ";

    private const string Change = "echo 2 >> changed; echo 1 > added; rm -r removed gone; mv renamed moved; mkdir -p n/m; echo 1 > n/m/f; "
        + "mv d e; chmod 640 moded; chmod 700 e/sub; ln -sf added link; touch -d 2002-02-02 timed; ln added hard; echo x > ../out/file; "
        + "chmod 777 ../out; snap";

    private const string Held = "bash: line 6: ../out/file: Read-only file system\n"
        + "chmod: changing permissions of '../out': Read-only file system\n";

    /// <summary>What a kernel runs.</summary>
    public static IEnumerable<KernelCase> On(BootedKernel kernel)
    {
        foreach ((int user, string who) in ((int, string)[])[(0, "root"), (KernelCase.Ordinary, "user")])
            yield return Case($"preview-without-{who}", user, $"{Attempt}tried",
                (booted, answer) => Refused(answer, booted.Abi < 3 ? NoRight : NoOverlay));
        if (kernel.Overlay is not { } module) yield break;
        yield return new KernelCase("preview-module", 0, ["/usr/bin/guest", "module", $"/modules/{Path.GetFileName(module)}"],
            (_, answer) => KernelCase.Is(answer, 0, "", ""));
        // Without the help of a processor for it, each takes seconds; on this kernel they run in every run.
        if (!BootedKernel.Soak) yield break;
        yield return Whole("root", 0, "chown 7:8 moded; ", "; 0:0 -> 7:8");
        yield return Whole("user", KernelCase.Ordinary, "", "");
        yield return Case("preview-switched-off", 0, $"{Attempt}echo 0 > /proc/sys/user/max_user_namespaces; tried {AsUser}; echo root; "
            + "tried 2> /tmp/said; echo 15000 > /proc/sys/user/max_user_namespaces", (_, answer) =>
        {
            string[] said = answer.Output.Split("root\n");
            Refused(answer with { Output = said[0] }, SwitchedOff);
            // Root needs none.
            Assert.Equal("0\n1\nPreviews (--preview)\n  nothing known is in the way\n", said[1]);
        });
        yield return Case("preview-for-root", 0, $"{Attempt}cd /proc/sys/kernel; if test -e unprivileged_userns_clone; then echo 0 > "
            + $"unprivileged_userns_clone; tried {AsUser}; echo 1 > unprivileged_userns_clone; else echo no such setting; fi",
            (_, answer) =>
        {
            if (answer.Output == "no such setting\n") KernelCase.Is(answer, 0, answer.Output, "");
            else Refused(answer, RootOnly);
        });
    }

    /// <summary>Adds what they need.</summary>
    public static void Add(Initramfs files, BootedKernel kernel)
    {
        if (kernel.Overlay is { } module) files.Add($"/modules/{Path.GetFileName(module)}", File.ReadAllBytes(module));
    }

    private static void Refused(Answer answer, string reason) => KernelCase.Is(answer, 0,
        $"125\n0\nPreviews (--preview)\n  cannot be had: {reason}\n", $"{No}{reason}. Nothing was run\n");

    // A command changes all that a preview knows; its changes are listed, applied, and those of another one dropped.
    private static KernelCase Whole(string who, int user, string more, string owner) => Case($"preview-{who}", user, Snapshot + Before
        + "same() { [[ $(<../$1) == \"$(<../$2)\" ]] && echo \"$1 = $2\" || grep '' ../$1 ../$2; }; "
        + "run() { landlocked --preview --read-only /usr --read-only /tmp/out --read-write /tmp/tree -- bash -c "
        + $"\"$(declare -f snap); $1\"; }}; snap > ../before; run '{more}{Change}' > ../seen 2> ../error; echo $?; grep -v -e '^ ' -e "
        + "'^landlocked' ../error >&2; snap > ../after; same before after; landlocked preview show | grep -v ^preview; landlocked preview "
        + "diff last changed moved; landlocked preview apply last; snap > ../applied; same seen applied; ls -A "
        + "/tmp/state/landlockps/previews; run 'rm -r e changed; echo 3 > added' 2> ../error; landlocked preview drop last; snap > "
        + "../dropped; same applied dropped; ls -A /tmp/state/landlockps/previews; grep '' ../out/file; find ../out -printf '%m\\n'",
        (_, answer) => KernelCase.Is(answer, 0, $"""
            0
            before = after
              added   /tmp/tree/added  (2 bytes)
              changed /tmp/tree/changed  (2 bytes -> 4 bytes)
              removed /tmp/tree/d/
              removed /tmp/tree/d/sub/
              added   /tmp/tree/e/
              added   /tmp/tree/e/sub/
              moved   /tmp/tree/d/sub/inner -> /tmp/tree/e/sub/inner
              removed /tmp/tree/gone/
              removed /tmp/tree/gone/x
              link    /tmp/tree/hard  (another name of '/tmp/tree/added')
              link    /tmp/tree/link  (leads to 'added')
              mode    /tmp/tree/moded  (rw-r--r-- -> rw-r-----{owner})
              moved   /tmp/tree/renamed -> /tmp/tree/moved
              added   /tmp/tree/n/
              added   /tmp/tree/n/m/
              added   /tmp/tree/n/m/f  (2 bytes)
              removed /tmp/tree/removed
              time    /tmp/tree/timed  (only its time)
            6 added, 1 changed, 5 removed, 2 moved, 1 with another mode, 2 linked, 1 touched
            diff --git a/tmp/tree/changed b/tmp/tree/changed
            --- a/tmp/tree/changed
            +++ b/tmp/tree/changed
            @@ -1 +1,2 @@
             1
            +2
            diff --git a/tmp/tree/renamed b/tmp/tree/moved
            rename from tmp/tree/renamed
            rename to tmp/tree/moved
            seen = applied
            applied = dropped
            1
            755
            644

            """, Held));

    private static KernelCase Case(string name, int user, string script, Action<BootedKernel, Answer> check) =>
        new(name, user, ["/usr/bin/bash", "-c", script], check);
}
