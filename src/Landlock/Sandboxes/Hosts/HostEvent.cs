using Landlock.Abi;
using Landlock.Linux;

namespace Landlock.Sandboxes.Hosts;

/// <summary>Something that a command has asked its supervisor for, which a tracer does not see.</summary>
/// <param name="Operation">resolve, connect, bind or listen.</param>
/// <param name="Target">The name, address or path, with the port if there is one.</param>
/// <param name="Error">How it ended, as far as the supervisor knows.</param>
internal sealed record HostEvent(string Operation, string Target, Errno Error)
{
    /// <summary>The text of the rule that is for it, if that is one for a host.</summary>
    public string? Host { get; init; }

    /// <summary>The right that it needs, if it is one for a port.</summary>
    public AccessNet Net { get; init; }

    /// <summary>The port, for a right.</summary>
    public int Port { get; init; }

    /// <summary>Whether it is a UNIX socket.</summary>
    public bool IsUnix { get; init; }

    /// <summary>The thread that asked; 0 if it is not known. Who else asks the same makes no other event.</summary>
    public int Thread { get; init; }

    /// <summary>A name that was asked for. Which port it was for, nobody knows yet; most are for 443.</summary>
    public static HostEvent Name(string name, bool isDenied, int thread) =>
        new("resolve", name, isDenied ? Errno.EACCES : Errno.None) { Host = $"{name}:443", Thread = thread };

    /// <summary>An address that was connected to.</summary>
    /// <param name="host">The name that it is known by, or the address.</param>
    /// <param name="port">The port.</param>
    /// <param name="isDenied">Whether that was refused.</param>
    /// <param name="thread">Who asked.</param>
    public static HostEvent Connection(string host, int port, bool isDenied, int thread)
    {
        string text = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
        return new HostEvent("connect", text, isDenied ? Errno.EACCES : Errno.None) { Host = text, Thread = thread };
    }

    /// <summary>As a record of a trace: a line of JSON.</summary>
    public byte[] Line() => JsonReport.Line(json =>
    {
        json.WriteString("operation", Operation);
        JsonReport.Text(json, "path", Target);
        if (Host is not null) json.WriteString("host", Host);
        Names("access", IsUnix && Target.StartsWith('/') ? AbiTable.Names(AccessFs.ResolveUnix) : []);
        Names("net", AbiTable.Names(Net));
        Names("scope", IsUnix && Target.StartsWith('@') ? AbiTable.Names(Scope.AbstractUnixSocket) : []);
        if (Net != AccessNet.None) json.WriteNumber("port", Port);
        if (Error != Errno.None) json.WriteNumber("errno", (int)Error);
        json.WriteNumber("count", 1);
        JsonReport.Text(json, "program", Thread == 0 ? "" : ProcessFiles.ReadLink($"/proc/{Thread}/exe") ?? "");
        json.WriteNumber("pid", Thread == 0 ? 0 : ProcessFiles.Number($"/proc/{Thread}/status", "Tgid:") ?? 0);

        void Names(string property, IEnumerable<string> names)
        {
            json.WriteStartArray(property);
            foreach (string name in names) json.WriteStringValue(name);
            json.WriteEndArray();
        }
    });
}
