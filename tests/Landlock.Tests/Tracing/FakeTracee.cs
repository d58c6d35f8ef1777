using System.Text;
using Landlock.Linux;
using Landlock.Tracing;

namespace Landlock.Tests.Tracing;

/// <summary>A thread for the decoder, without a process: its memory and files are what a test says.</summary>
internal sealed class FakeTracee : ITracee
{
    private readonly Dictionary<ulong, byte[]> _memory = [];

    public Dictionary<string, EntryKind> Files { get; } = new() { ["/"] = EntryKind.Directory };

    public Dictionary<int, string> Descriptors { get; } = [];

    public (int Type, int Protocol)? SocketKind { get; set; }

    public string Directory { get; set; } = "/work";

    public HashSet<string> OpenedDevices { get; } = [];

    public ulong Put(string text) => Put([.. Encoding.UTF8.GetBytes(text), 0]);

    public ulong Put(byte[] bytes)
    {
        ulong address = 0x1000 + ((ulong)_memory.Count * 0x1000);
        _memory[address] = bytes;
        return address;
    }

    public string? Text(ulong address) =>
        _memory.TryGetValue(address, out byte[]? bytes) ? Encoding.UTF8.GetString(bytes.AsSpan(0, Array.IndexOf(bytes, (byte)0))) : null;

    public int Bytes(ulong address, Span<byte> buffer)
    {
        if (!_memory.TryGetValue(address, out byte[]? bytes)) return 0;
        int length = Math.Min(bytes.Length, buffer.Length);
        bytes.AsSpan(0, length).CopyTo(buffer);
        return length;
    }

    public string? Resolve(int directory, string name, bool follow) =>
        name.StartsWith('/') ? name : directory == -100 ? $"{Directory}/{name}"
            : Descriptors.TryGetValue(directory, out string? start) ? $"{start}/{name}" : null;

    public string? PathOf(int descriptor) => Descriptors.GetValueOrDefault(descriptor);

    public EntryKind Kind(string path) => Files.GetValueOrDefault(path);

    public bool HidesSockets { get; set; }

    public (int Type, int Protocol)? Socket(int descriptor, out bool isHidden)
    {
        isHidden = HidesSockets;
        return isHidden ? null : SocketKind;
    }

    public IEnumerable<string> Interpreters(string path) => path == "/bin/script" ? ["/bin/sh", "/lib/ld.so"] : ["/lib/ld.so"];

    public HashSet<int> Traced { get; } = [];

    public int? ProcessOf(int descriptor) => descriptor == 9 ? 42 : null;

    public int? TerminalOf(int descriptor) => descriptor == 11 ? 4 : null;

    public bool IsOutside(int process) => process == 42;

    public string? LookedInto(int directory, string name) =>
        InsideFiles.ProcessOf(name) is { } process && IsOutside(process) ? name : null;

    public string ProcessName(int process) => process == 42 ? " (sleep)" : "";

    public bool IsTraced(int process) => Traced.Contains(process);

    public bool HasOpenedDevice(int descriptor, out string path)
    {
        path = PathOf(descriptor) ?? "";
        return OpenedDevices.Contains(path);
    }
}
