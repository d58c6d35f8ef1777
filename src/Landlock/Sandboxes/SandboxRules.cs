using Landlock.Abi;
using Landlock.Documents;
using Landlock.Rulesets;

namespace Landlock.Sandboxes;

/// <summary>
/// Sandboxes as a sentence: <c>Sandbox.Strict.ReadOnly("/usr").ReadWrite("out").ConnectTcp(443)</c>. Each step gives a new value.
/// </summary>
public sealed partial record Sandbox
{
    /// <summary>Lets files be read and directories be listed.</summary>
    /// <param name="paths">Files, or directories with everything beneath them.</param>
    /// <exception cref="RulesetException">A path is empty or holds a NUL.</exception>
    public Sandbox ReadData(params string[] paths) => Allow(AccessClass.ReadData.Rights, paths);

    /// <summary>Lets files be read and executed, and directories be listed.</summary>
    /// <inheritdoc cref="ReadData"/>
    public Sandbox ReadOnly(params string[] paths) => Allow(AccessClass.ReadOnly.Rights, paths);

    /// <summary>Lets files that exist be read and changed.</summary>
    /// <inheritdoc cref="ReadData"/>
    public Sandbox Edit(params string[] paths) => Allow(AccessClass.Edit.Rights, paths);

    /// <summary>Allows everything but execute.</summary>
    /// <inheritdoc cref="ReadData"/>
    public Sandbox ReadWrite(params string[] paths) => Allow(AccessClass.ReadWrite.Rights, paths);

    /// <summary>Allows everything.</summary>
    /// <inheritdoc cref="ReadData"/>
    public Sandbox ReadWriteExecute(params string[] paths) => Allow(AccessClass.ReadWriteExecute.Rights, paths);

    /// <summary>Lets the command connect to UNIX sockets (ABI 9; not restricted before).</summary>
    /// <inheritdoc cref="ReadData"/>
    public Sandbox UnixSocket(params string[] paths) => Allow(AccessClass.UnixSocket.Rights, paths);

    /// <summary>Allows single rights.</summary>
    /// <param name="rights">The rights.</param>
    /// <param name="paths">Files, or directories with everything beneath them.</param>
    /// <exception cref="RulesetException">A path is empty or holds a NUL.</exception>
    public Sandbox Allow(AccessFs rights, params string[] paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return this with { Paths = [.. Paths, .. paths.Select(path => new PathRule(path, rights))] };
    }

    /// <summary>Leaves out what is beneath what is allowed: paths, patterns, or "Secrets" (<see cref="Except"/>).</summary>
    /// <param name="paths">The texts; <see cref="PathRule.ExceptionOf"/> makes one of a path with any characters.</param>
    public Sandbox Excepting(params string[] paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return this with { Except = [.. Except, .. paths] };
    }

    /// <summary>Lets the command connect to TCP ports.</summary>
    /// <param name="ports">The ports.</param>
    public Sandbox ConnectTcp(params ushort[] ports) => Allow(AccessNet.ConnectTcp, ports);

    /// <summary>Lets the command bind TCP ports; 0 lets the kernel choose one.</summary>
    /// <inheritdoc cref="ConnectTcp"/>
    public Sandbox BindTcp(params ushort[] ports) => Allow(AccessNet.BindTcp, ports);

    /// <summary>Lets the command send to UDP ports, from a free one.</summary>
    /// <inheritdoc cref="ConnectTcp"/>
    public Sandbox ConnectSendUdp(params ushort[] ports) => Allow(AccessNet.ConnectSendUdp, ports);

    /// <summary>Lets the command bind UDP ports; 0 lets the kernel choose one.</summary>
    /// <inheritdoc cref="ConnectTcp"/>
    public Sandbox BindUdp(params ushort[] ports) => Allow(AccessNet.BindUdp, ports);

    /// <summary>Lets the command connect to hosts by TCP, and to no others.</summary>
    /// <param name="hosts">The hosts: "api.example.com:443", "*.pkg.example", "10.0.0.0/8:5432" (<see cref="HostRule.Parse"/>).</param>
    /// <exception cref="RulesetException">One is none.</exception>
    public Sandbox ConnectHost(params string[] hosts)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        return this with { Hosts = [.. Hosts, .. hosts.Select(HostRule.Parse)] };
    }

    /// <summary>Adds what a kind of program needs ("Base", "Python", "Git" ...).</summary>
    /// <param name="names">Names of presets.</param>
    public Sandbox WithPresets(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return this with { Presets = [.. Presets, .. names] };
    }

    /// <summary>Adds policies: files in TOML or JSON, or directories of them. All are composed into one layer.</summary>
    /// <param name="files">The files and directories.</param>
    /// <exception cref="PolicyException">A file cannot be read, or is no valid document.</exception>
    public Sandbox WithPolicies(params string[] files) => this with { Policies = [.. Policies, .. PolicyFile.ReadAll(files)] };

    /// <summary>Adds layers that were made elsewhere, within those there are.</summary>
    /// <param name="rulesets">The rulesets, outermost first.</param>
    public Sandbox WithLayers(params Ruleset[] rulesets)
    {
        ArgumentNullException.ThrowIfNull(rulesets);
        return this with { Rulesets = [.. Rulesets, .. rulesets] };
    }

    /// <summary>Sets a variable of the command's environment.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; null removes it.</param>
    public Sandbox WithVariable(string name, string? value)
    {
        ArgumentNullException.ThrowIfNull(name);
        return this with { Environment = Environment with { Changes = Environment.Changes.Add(new EnvironmentChange(name, value)) } };
    }

    private Sandbox Allow(AccessNet access, ushort[] ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        return this with { Ports = [.. Ports, .. ports.Select(port => new NetRule(new PortRange(port, port), access))] };
    }
}
