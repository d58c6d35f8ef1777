namespace Landlock.Documents.Toml;

/// <summary>Reads a date or a time (RFC 3339, with T, t or one space in the middle).</summary>
internal ref struct TomlDates
{
    private const int DateLength = 10;

    private readonly ReadOnlySpan<byte> _word;
    private readonly TomlPosition _position;
    private int _offset;

    private TomlDates(ReadOnlySpan<byte> word, TomlPosition position)
    {
        _word = word;
        _position = position;
    }

    /// <summary>Whether a word that begins like this can only be a date or a time.</summary>
    public static bool LookLike(ReadOnlySpan<byte> word) =>
        (word.Length > 4 && word[4] == '-' && word[..4].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0) || StartsWithTime(word);

    /// <summary>The length of a date with its time after a space, of which the cursor sees the date as a word; else 0.</summary>
    public static int LengthWithSpace(in TomlCursor cursor) =>
        cursor.Peek(4) == '-' && cursor.PeekWord().Length == DateLength && cursor.Peek(DateLength) == ' '
        && TomlBytes.IsDigit(cursor.Peek(DateLength + 1))
            ? DateLength + 1 + cursor.PeekWord(DateLength + 1).Length
            : 0;

    public static TomlDateTime Read(ReadOnlySpan<byte> word, TomlPosition position) => new TomlDates(word, position).Read();

    private static bool StartsWithTime(ReadOnlySpan<byte> word) =>
        word.Length > 2 && word[2] == ':' && TomlBytes.IsDigit(word[0]) && TomlBytes.IsDigit(word[1]);

    private TomlDateTime Read()
    {
        TomlTime time;
        if (StartsWithTime(_word))
        {
            time = ReadTime();
            return _offset == _word.Length ? new TomlDateTime(time, _position) : throw Bad();
        }

        TomlDate date = ReadDate();
        if (_offset == _word.Length) return new TomlDateTime(date, _position);
        if (!TryTake('T') && !TryTake('t') && !TryTake(' ')) throw Bad();
        time = ReadTime();
        return _offset == _word.Length ? new TomlDateTime(date, time, _position) : new TomlDateTime(date, time, ReadOffset(), _position);
    }

    private TomlDate ReadDate()
    {
        int year = ReadNumber(4);
        Take('-');
        int month = ReadNumber(2);
        Take('-');
        int day = ReadNumber(2);
        if (month is < 1 or > 12) throw Bad($"there is no month {month:00}");
        if (day < 1 || day > TomlDate.DaysInMonth(year, month)) throw Bad($"there is no day {day:00} in {year:0000}-{month:00}");
        return new TomlDate(year, month, day);
    }

    private TomlTime ReadTime()
    {
        int hour = ReadNumber(2);
        Take(':');
        int minute = ReadNumber(2);
        Take(':');
        int second = ReadNumber(2);
        if (hour > 23) throw Bad($"there is no hour {hour}");
        if (minute > 59) throw Bad($"there is no minute {minute}");
        if (second > 60) throw Bad($"there is no second {second}");
        return new TomlTime(hour, minute, second, TryTake('.') ? ReadNanosecond() : 0);
    }

    private int ReadNanosecond()
    {
        int value = 0;
        int digits = 0;
        for (; _offset < _word.Length && TomlBytes.IsDigit(_word[_offset]); _offset++)
        {
            if (digits++ < 9) value = value * 10 + (_word[_offset] - '0');
        }

        if (digits == 0) throw Bad();
        for (; digits < 9; digits++) value *= 10;
        return value;
    }

    private int ReadOffset()
    {
        if ((TryTake('Z') || TryTake('z')) && _offset == _word.Length) return 0;
        int sign = TryTake('-') ? -1 : 1;
        if (sign > 0) Take('+');
        int hour = ReadNumber(2);
        Take(':');
        int minute = ReadNumber(2);
        if (_offset < _word.Length) throw Bad();
        if (hour > 23 || minute > 59) throw Bad($"there is no offset of {hour:00}:{minute:00}");
        return sign * (hour * 60 + minute);
    }

    private int ReadNumber(int digits)
    {
        if (_word.Length - _offset < digits) throw Bad();
        int value = 0;
        foreach (byte b in _word.Slice(_offset, digits))
        {
            if (!TomlBytes.IsDigit(b)) throw Bad();
            value = value * 10 + (b - '0');
        }

        _offset += digits;
        return value;
    }

    private void Take(char expected)
    {
        if (!TryTake(expected)) throw Bad();
    }

    private bool TryTake(char expected)
    {
        if (_offset == _word.Length || _word[_offset] != expected) return false;
        _offset++;
        return true;
    }

    private readonly TomlException Bad(string? why = null)
    {
        why ??= "expected a form such as 1987-07-05, 17:45:00, 1987-07-05T17:45:00 or 1987-07-05T17:45:00+02:00";
        return new TomlException(_position, $"{TomlCursor.Show(_word)} is not a date or time: {why}");
    }
}
