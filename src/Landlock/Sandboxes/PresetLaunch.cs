using Landlock.Documents;
using Landlock.Policies;

namespace Landlock.Sandboxes;

/// <summary>Presets as grants of a launch: they add to every layer and deny nothing.</summary>
public static class PresetLaunch
{
    /// <summary>Adds what presets grant; plans show it with the origin "preset NAME".</summary>
    /// <exception cref="PolicyException">There is no such preset.</exception>
    public static LaunchRequest WithPresets(this LaunchRequest request, IEnumerable<string> names, PolicyVariables variables)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(variables);
        // The command has a directory for temporary files of its own, and need not reach everybody's.
        if (request.Supervision is { PrivateTemp: true } && !variables.Given.ContainsKey("tmp")) variables = variables.With("tmp");
        foreach (Preset preset in names.Select(Preset.Find).Distinct())
        {
            PresetGrants grants = preset.Grants(variables);
            string origin = $"preset {preset.Name}";
            request = request with
            {
                Grants = [.. request.Grants, .. grants.Paths.Select(rule => new Grant(rule, origin))],
                Notes = [.. request.Notes, .. grants.Notes],
                PortGrants = [.. request.PortGrants, .. grants.Ports.Select(rule => new PortGrant(rule, origin))],
            };
        }

        return request;
    }
}
