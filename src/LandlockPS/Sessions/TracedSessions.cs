using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Landlock.Denials;
using Landlock.Tracing;
using LandlockPS.Running;

namespace LandlockPS.Sessions;

/// <summary>What sessions were denied, for as long as somebody holds on to the session, open or not.</summary>
internal static class TracedSessions
{
    private static readonly ConditionalWeakTable<Runspace, Entry> Entries = [];

    /// <summary>Notes that a session is traced.</summary>
    public static void Add(PSSession session, SandboxedServer server, DenialExplainer explainer) =>
        Entries.Add(session.Runspace, new Entry(server, explainer));

    /// <summary>What it was denied so far; null if it is not traced.</summary>
    public static ExplanationReport? Explain(PSSession session)
    {
        if (!Entries.TryGetValue(session.Runspace, out Entry? entry)) return null;
        TraceReport report = entry.Server.ReadTrace();
        // It remembers what it sees of directories, and is not for several threads.
        lock (entry.Explainer) return entry.Explainer.Explain(report);
    }

    private sealed record Entry(SandboxedServer Server, DenialExplainer Explainer);
}
