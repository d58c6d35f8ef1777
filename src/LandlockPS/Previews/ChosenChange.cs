using Landlock.Previews;

namespace LandlockPS.Previews;

/// <summary>What names a change: objects of changes may have been kept for long, or come from elsewhere.</summary>
/// <param name="Preview">The name of the preview.</param>
/// <param name="Kind">What applying it does.</param>
/// <param name="Path">The absolute path.</param>
internal readonly record struct ChosenChange(string Preview, PreviewChangeKind Kind, string Path);
