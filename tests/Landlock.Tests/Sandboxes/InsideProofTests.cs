using System.Globalization;
using System.Text;
using Landlock.Abi;
using Landlock.Linux;
using Landlock.Sandboxes;
using Landlock.Tests.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Tests.Sandboxes;

public sealed class InsideProofTests
{
    [KernelFact]
    public void Holds_in_a_sandbox_for_what_it_was_made_for_and_once()
    {
        using InsideProof proof = new("/a/script.ps1");
        string handedOver = HandedOver(proof);
        Inside(() =>
        {
            Assert.False(InsideProof.Take(handedOver, "/another/script.ps1"));
            Assert.True(InsideProof.Take(handedOver, "/a/script.ps1"));
            Assert.False(InsideProof.Take(handedOver, "/a/script.ps1"));
        });
    }

    [KernelFact]
    public void Does_not_hold_outside()
    {
        if (ProcessState.CountLayers() > 0) return;
        using InsideProof proof = new("/a/script.ps1");
        Assert.False(InsideProof.Take(proof.Value, "/a/script.ps1"));
        Assert.NotNull(SealedMemory.Read(proof.Descriptor));
    }

    [KernelFact]
    public void Is_not_what_a_variable_says()
    {
        using InsideProof proof = new("/a/script.ps1");
        using SafeFileHandle forged = SealedMemory.Create(Encoding.UTF8.GetBytes("landlock inside\n00\n/a/script.ps1"));
        using SafeFileHandle open = SealedMemory.CreateEmpty();
        RandomAccess.Write(open, SealedMemory.Read(proof.Descriptor)!, 0);
        string nonce = proof.Value.Split(':')[1];
        string[] values = ["", "/a/script.ps1", "3", "0:", "1:1", "-1:x", "99999:x", $"{Number(forged)}:00", $"{Number(open)}:{nonce}",
            $"{proof.Descriptor}:{new string('0', nonce.Length)}", $" {proof.Value}"];
        Inside(() =>
        {
            Assert.False(InsideProof.Take(null, "/a/script.ps1"));
            Assert.All(values, value => Assert.False(InsideProof.Take(value, "/a/script.ps1"), value));
        });
    }

    [KernelFact]
    public void Layers_are_counted()
    {
        int? outside = ProcessState.CountLayers();
        Assert.NotNull(outside);
        Inside(() => Assert.Equal(outside + 1, ProcessState.CountLayers()));
        Assert.Equal(outside, ProcessState.CountLayers());
    }

    // As in the process that inherits it: a descriptor of its own.
    private static string HandedOver(InsideProof proof) =>
        string.Create(CultureInfo.InvariantCulture, $"{Syscalls.Fcntl(proof.Descriptor, 1030, 3)}:{proof.Value.Split(':')[1]}");

    private static string Number(SafeFileHandle handle) => handle.DangerousGetHandle().ToString(CultureInfo.InvariantCulture);

    // On a thread that ends with its restriction, which is one that nothing here needs.
    private static void Inside(Action action)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            RulesetDescriptor.GiveUpPrivileges();
            using RulesetDescriptor ruleset = RulesetDescriptor.Create([(ulong)AccessFs.MakeBlock]);
            ruleset.Enforce(RestrictFlags.None);
            failure = Record.Exception(action);
        });
        thread.Start();
        thread.Join();
        if (failure is not null) throw failure;
    }
}
