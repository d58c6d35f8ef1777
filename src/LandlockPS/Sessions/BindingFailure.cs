using System.Management.Automation;
using System.Runtime.ExceptionServices;

namespace LandlockPS.Sessions;

/// <summary>
/// Keeps what the binding of a cmdlet's parameters failed with: a cmdlet that it failed for is disposed of, and not told why.
/// </summary>
internal sealed class BindingFailure : IDisposable
{
    private readonly WeakReference<object> _owner;
    private readonly int _thread = Environment.CurrentManagedThreadId;

    /// <summary>Begins to watch, on the thread that binds.</summary>
    /// <param name="cmdlet">The cmdlet; when it is gone, so is the watch.</param>
    public BindingFailure(object cmdlet)
    {
        _owner = new WeakReference<object>(cmdlet);
        AppDomain.CurrentDomain.FirstChanceException += Watch;
    }

    /// <summary>The last failure.</summary>
    public ParameterBindingException? Reason { get; private set; }

    /// <summary>Ends the watch.</summary>
    public void Dispose() => AppDomain.CurrentDomain.FirstChanceException -= Watch;

    private void Watch(object? sender, FirstChanceExceptionEventArgs thrown)
    {
        if (!_owner.TryGetTarget(out _)) Dispose();
        else if (Environment.CurrentManagedThreadId == _thread && thrown.Exception is ParameterBindingException reason) Reason = reason;
    }
}
