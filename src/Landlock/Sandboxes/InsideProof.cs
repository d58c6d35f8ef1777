using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Landlock.Linux;
using Microsoft.Win32.SafeHandles;

namespace Landlock.Sandboxes;

/// <summary>
/// How a process that was started in a sandbox knows that it was: by sealed memory on a descriptor that only who starts it can hand over. A
/// variable says where to look; by itself it proves nothing, since it can come from a file of variables, a unit or another run.
/// </summary>
internal sealed class InsideProof : IDisposable
{
    private readonly SafeFileHandle _memory;
    private readonly string _nonce = RandomNumberGenerator.GetHexString(32);

    /// <summary>Makes a proof.</summary>
    /// <param name="subject">What runs inside; the proof holds for nothing else.</param>
    /// <exception cref="KernelException">No descriptor or memory is left.</exception>
    public InsideProof(string subject) => _memory = SealedMemory.Create(Content(_nonce, subject));

    /// <summary>The descriptor that the command has to keep (<see cref="CommandStart.KeepDescriptors"/>).</summary>
    public int Descriptor => (int)_memory.DangerousGetHandle();

    /// <summary>What the command is told, in a variable.</summary>
    public string Value => string.Create(CultureInfo.InvariantCulture, $"{Descriptor}:{_nonce}");

    /// <summary>
    /// Whether this process was started in a sandbox, to run the subject there; then the descriptor is closed, so that nobody else
    /// gets the proof. What cannot be seen counts as no.
    /// </summary>
    /// <param name="value">What the variable says; null without it.</param>
    /// <param name="subject">What would run inside.</param>
    public static bool Take(string? value, string subject)
    {
        if (value?.Split(':') is not [string number, string nonce]
            || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int descriptor))
        {
            return false;
        }
        if (SealedMemory.Read(descriptor) is not { } content || !CryptographicOperations.FixedTimeEquals(content, Content(nonce, subject)))
            return false;
        if (ProcessState.CountLayers() is not > 0) return false;
        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return true;
    }

    /// <summary>While set, every process that is started inherits the descriptor; set it around the start of landlock-exec only.</summary>
    /// <exception cref="KernelException">The descriptor was closed.</exception>
    public void SetInherited(bool inherited) => SealedMemory.SetInherited(_memory, inherited);

    /// <summary>Closes the descriptor.</summary>
    public void Dispose() => _memory.Dispose();

    // The characters as they are: a name may hold what no encoding of text does.
    private static byte[] Content(string nonce, string subject) =>
        [.. Encoding.UTF8.GetBytes($"landlock inside\n{nonce}\n"), .. MemoryMarshal.AsBytes(subject.AsSpan())];
}
