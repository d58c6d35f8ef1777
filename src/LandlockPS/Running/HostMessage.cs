using System.Management.Automation;

namespace LandlockPS.Running;

/// <summary>What Write-Host wrote in another process: the journey leaves a property bag of the message, which no host can colour.</summary>
internal static class HostMessage
{
    /// <summary>Whether Write-Host made the record.</summary>
    public static bool IsOne(InformationRecord record) => record.Tags.Contains("PSHOST");

    /// <summary>The record as Write-Host made it; any other record as it is.</summary>
    public static InformationRecord Restore(InformationRecord record)
    {
        if (!IsOne(record) || record.MessageData is not PSObject bag) return record;
        HostInformationMessage message = new()
        {
            Message = TerminalText.Lines(bag.Properties["Message"]?.Value as string ?? record.ToString()),
            NoNewLine = bag.Properties["NoNewLine"]?.Value as bool?,
            ForegroundColor = Color(bag, "ForegroundColor"),
            BackgroundColor = Color(bag, "BackgroundColor"),
        };
        InformationRecord restored = new(message, record.Source)
        {
            TimeGenerated = record.TimeGenerated,
            User = record.User,
            Computer = record.Computer,
            ProcessId = record.ProcessId,
        };
        restored.Tags.AddRange(record.Tags);
        return restored;
    }

    private static ConsoleColor? Color(PSObject bag, string name) =>
        bag.Properties[name]?.Value is { } value && LanguagePrimitives.TryConvertTo(value, out ConsoleColor color) ? color : null;
}
