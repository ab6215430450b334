using System.Globalization;
using FisherKernels.Experiments;
using FisherKernels.Experiments.Figures;
using FisherKernels.Experiments.Runs;
using FisherKernels.Learning.Metrics;
using SkiaSharp;

namespace FisherKernels.Bench.Experiments.Page;

/// <summary>A panel for each run, a row for each strategy: its difference from random with the interval, on one axis for all.</summary>
internal sealed class OverviewFigure : IDisposable
{
    private const int Width = 1280, Columns = 4, Row = 17, Top = 52, Title = 46, Axis = 24, Gap = 14, Lines = 2;

    // Okabe and Ito's blue and vermillion, told apart by most colour-blind readers.
    private static readonly SKColor Better = SKColor.Parse("#0072B2"), Worse = SKColor.Parse("#D55E00"), Open = SKColor.Parse("#8C8C8C"),
        Stripe = SKColor.Parse("#F4F4F4");

    private readonly SKTypeface _typeface = FigureFont.Load();
    private readonly SKFont _font, _bold;
    private readonly SKPaint _ink = new() { Color = SKColors.Black, IsAntialias = true }, _fill = new() { IsAntialias = true };
    private readonly SKPaint _line = new() { IsAntialias = true, Style = SKPaintStyle.Stroke };
    private readonly IReadOnlyList<OverviewPanel> _panels;
    private readonly string[] _strategies;
    private readonly int _labels, _columns, _left, _width;
    private readonly double _end, _step;

    private OverviewFigure(IReadOnlyList<OverviewPanel> panels, IReadOnlyList<string> strategies, int labels)
    {
        _font = new SKFont(_typeface, 11);
        _bold = new SKFont(_typeface, 12) { Embolden = true };
        (_panels, _labels) = (panels, labels);

        // Best first: the eye finds who gains anywhere at the top of every panel.
        _strategies =
            [.. strategies.OrderBy(
            strategy => panels.Where(panel => panel.Area.ContainsKey(strategy)).Average(panel => panel.Area[strategy].Mean))];
        _columns = Math.Min(Columns, panels.Count);
        _left = (int)_strategies.Max(strategy => _font.MeasureText(strategy)) + 16;
        _width = (Width - _left - _columns * Gap) / _columns;
        (_end, _step) = Range([.. panels.SelectMany(panel => panel.Area.Values.Concat(panel.Final.Values))]);
    }

    private int PanelHeight => Title + _strategies.Length * Row + Axis;

    /// <summary>Writes path.png and path.svg.</summary>
    /// <param name="pathWithoutExtension">Where.</param>
    /// <param name="panels">The runs, from left to right.</param>
    /// <param name="strategies">Those that some run can set against random.</param>
    /// <param name="labels">At which all of it stands.</param>
    public static void Save(string pathWithoutExtension, IReadOnlyList<OverviewPanel> panels, IReadOnlyList<string> strategies, int labels)
    {
        using var figure = new OverviewFigure(panels, strategies, labels);
        FigureFile.Save(
            pathWithoutExtension, Width, Top + (panels.Count + figure._columns - 1) / figure._columns * figure.PanelHeight, figure.Draw);
    }

    /// <summary>End of the axis on either side of 0, and the distance of its ticks: every mean fits, and nineteen of twenty
    /// intervals.</summary>
    public static (double End, double Step) Range(IReadOnlyCollection<Band> bands)
    {
        double[] reaches = [.. bands.Select(band => Math.Abs(band.Mean) + (double.IsNaN(band.HalfWidth) ? 0 : band.HalfWidth)).Order()];
        double end = 1.08 * Math.Max(bands.Max(band => Math.Abs(band.Mean)), reaches[(int)(0.95 * (reaches.Length - 1))]);
        end = end > 0 ? end : 1;
        double ten = Math.Pow(10, Math.Floor(Math.Log10(end)) - 1);
        return (end, ((double[])[1, 2, 5, 10, 20, 50]).Select(step => step * ten).First(step => end / step < 3));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _font.Dispose();
        _bold.Dispose();
        _ink.Dispose();
        _fill.Dispose();
        _line.Dispose();
        _typeface.Dispose();
    }

    private void Draw(SKCanvas canvas)
    {
        canvas.Clear(SKColors.White);
        Legend(canvas);
        for (int j = 0; j < _panels.Count; j++)
        {
            Panel(canvas, _panels[j], _left + j % _columns * (_width + Gap), Top + j / _columns * PanelHeight, names: j % _columns == 0);
        }
    }

    private void Legend(SKCanvas canvas)
    {
        string title = string.Create(CultureInfo.InvariantCulture,
            $"After {_labels} labels: 1 − ρ of each strategy less random's, paired by seed, 95 % intervals; "
            + $"left of 0 is better than random");
        canvas.DrawText(title, _left, 18, SKTextAlign.Left, _bold, _ink);
        float x = _left + 6;
        foreach ((string words, SKColor color, bool area) in ((string, SKColor, bool)[])
            [("area: better", Better, true), ("worse", Worse, true), ("interval holds 0", Open, true),
                ("after the last of these labels, same colours", Open, false)])
        {
            Mark(canvas, x, 36, color, area);
            canvas.DrawText(words, x + 9, 40, SKTextAlign.Left, _font, _ink);
            x += _font.MeasureText(words) + 34;
        }
    }

    private void Panel(SKCanvas canvas, OverviewPanel panel, int left, int top, bool names)
    {
        int bottom = top + Title + _strategies.Length * Row;
        float middle = left + _width / 2f;
        Heading(canvas, panel, left, top + 12);
        for (int row = 0; row < _strategies.Length; row++)
        {
            int y = top + Title + row * Row;
            if (row % 2 == 0)
            {
                _fill.Color = Stripe;
                canvas.DrawRect(left, y, _width, Row, _fill);
            }

            if (names)
            {
                canvas.DrawText(_strategies[row], left - 8, y + Row / 2f + 4, SKTextAlign.Right, _font, _ink);
            }
        }

        for (int tick = -(int)(_end / _step); tick <= (int)(_end / _step); tick++)
        {
            float x = middle + (float)(tick * _step / _end) * _width / 2;
            (_line.Color, _line.StrokeWidth) = (SKColors.Black.WithAlpha(tick == 0 ? (byte)0xB0 : (byte)0x20), 1);
            canvas.DrawLine(x, top + Title, x, bottom, _line);
            canvas.DrawText(
                (tick * _step).ToString("+0.###;−0.###;0", CultureInfo.InvariantCulture), x, bottom + 14, SKTextAlign.Center, _font, _ink);
        }

        for (int row = 0; row < _strategies.Length; row++)
        {
            float y = top + Title + (row + 0.5f) * Row;
            if (panel.Area.TryGetValue(_strategies[row], out Band area))
            {
                Interval(canvas, left, y + 3.5f, panel.Final[_strategies[row]], area: false);
                Interval(canvas, left, y - 2.5f, area, area: true);
            }
        }
    }

    private void Heading(SKCanvas canvas, OverviewPanel panel, int left, int y)
    {
        canvas.DrawText(Cut($"{panel.Run.Number}. {panel.Run.Run.Data}", _bold), left, y, SKTextAlign.Left, _bold, _ink);
        string[] words = (panel.Settings.Length > 0 ? panel.Settings : panel.Run.Run.Name).Split(", ");
        for (int line = 0, next = 0; line < Lines && next < words.Length; line++)
        {
            int first = next++;
            while (next < words.Length && _font.MeasureText(Joined(next + 1)) <= _width)
            {
                next++;
            }

            // What does not fit is in the table under the same number.
            string text = line == Lines - 1 ? Joined(words.Length) : next < words.Length ? $"{Joined(next)}," : Joined(next);
            canvas.DrawText(Cut(text, _font), left, y + 14 * (line + 1), SKTextAlign.Left, _font, _ink);

            string Joined(int end) => string.Join(", ", words[first..end]);
        }
    }

    private string Cut(string words, SKFont font)
    {
        int length = words.Length;
        while (length > 1 && font.MeasureText(length < words.Length ? $"{words[..length]}…" : words) > _width)
        {
            length--;
        }

        return length < words.Length ? $"{words[..length]}…" : words;
    }

    private void Interval(SKCanvas canvas, int left, float y, Band band, bool area)
    {
        SKColor color = !Words.Excludes0(band) ? Open : band.Mean < 0 ? Better : Worse;
        if (double.IsFinite(band.HalfWidth))
        {
            (float low, float high) = (X(band.Mean - band.HalfWidth), X(band.Mean + band.HalfWidth));
            (_line.Color, _line.StrokeWidth) = (area ? color : color.WithAlpha(0xA0), area ? 2 : 1);
            canvas.DrawLine(Math.Max(low, left), y, Math.Min(high, left + _width), y, _line);
            Arrow(canvas, low < left, left, y, 4, color);
            Arrow(canvas, high > left + _width, left + _width, y, -4, color);
        }

        Mark(canvas, X(band.Mean), y, color, area);

        float X(double value) => left + (float)(1 + value / _end) * _width / 2;
    }

    // An interval that goes on beyond the axis.
    private void Arrow(SKCanvas canvas, bool goesOn, float x, float y, float back, SKColor color)
    {
        if (goesOn)
        {
            (_line.Color, _line.StrokeWidth) = (color, 1);
            canvas.DrawLine(x, y, x + back, y - 3, _line);
            canvas.DrawLine(x, y, x + back, y + 3, _line);
        }
    }

    private void Mark(SKCanvas canvas, float x, float y, SKColor color, bool area)
    {
        _fill.Color = area ? color : SKColors.White;
        canvas.DrawCircle(x, y, area ? 3.2f : 2.2f, _fill);
        if (!area)
        {
            (_line.Color, _line.StrokeWidth) = (color, 1.2f);
            canvas.DrawCircle(x, y, 2.2f, _line);
        }
    }
}
