namespace Landlock.Documents.Toml;

/// <summary>A TOML string.</summary>
public sealed class TomlString : TomlNode
{
    /// <summary>Makes a string.</summary>
    /// <exception cref="ArgumentException">The text has a lone surrogate, which no TOML document can hold.</exception>
    public TomlString(string value, TomlPosition position = default)
        : base(position)
    {
        TomlText.RequireScalars(value, nameof(value));
        Value = value;
    }

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.String;

    /// <inheritdoc/>
    public override bool ContentEquals(TomlNode? other) => other is TomlString that && Value == that.Value;
}

/// <summary>A TOML integer.</summary>
public sealed class TomlInteger : TomlNode
{
    /// <summary>Makes an integer.</summary>
    public TomlInteger(long value, TomlPosition position = default)
        : base(position) => Value = value;

    /// <summary>The number.</summary>
    public long Value { get; }

    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Integer;

    /// <inheritdoc/>
    public override bool ContentEquals(TomlNode? other) => other is TomlInteger that && Value == that.Value;
}

/// <summary>A TOML float.</summary>
public sealed class TomlFloat : TomlNode
{
    /// <summary>Makes a float.</summary>
    public TomlFloat(double value, TomlPosition position = default)
        : base(position) => Value = value;

    /// <summary>The number; may be infinite or not a number.</summary>
    public double Value { get; }

    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Float;

    /// <summary>Whether the other value is the same float; every NaN is the same, 0.0 and -0.0 are not.</summary>
    public override bool ContentEquals(TomlNode? other) =>
        other is TomlFloat that && Value.Equals(that.Value)
        && (double.IsNaN(Value) || double.IsNegative(Value) == double.IsNegative(that.Value));
}

/// <summary>A TOML boolean.</summary>
public sealed class TomlBoolean : TomlNode
{
    /// <summary>Makes a boolean.</summary>
    public TomlBoolean(bool value, TomlPosition position = default)
        : base(position) => Value = value;

    /// <summary>The truth value.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Boolean;

    /// <inheritdoc/>
    public override bool ContentEquals(TomlNode? other) => other is TomlBoolean that && Value == that.Value;
}
