import ZLQuery

/// Draws a result as a box: names, types, rows, and a footer where rows or columns are left out.
///
///     ┌─────────┬─────────┐
///     │   id    │  name   │
///     │ INTEGER │ VARCHAR │
///     ├─────────┼─────────┤
///     │       1 │ one     │
///     └─────────┴─────────┘
///
/// Control characters in values are written as escapes. To fit a width, wide text columns are narrowed first, then columns in the
/// middle are left out.
struct BoxRenderer {
    /// Columns of the terminal; nil: no limit.
    var width: Int?
    /// Rows shown at most; nil: all. Where there are more, the first and the last half are shown.
    var maximumRows: Int?

    private static let narrowest = 12
    private static let ellipsis = "…"

    func render(_ result: QueryResult) -> String {
        guard !result.columns.isEmpty else { return "" }
        let rows = shownRows(result.rowCount)
        var table = BoxTable(result, rows: rows.rows, gapAfter: rows.gapAfter)
        if let width { table.fit(width, narrowest: BoxRenderer.narrowest) }
        let footer = footer(result, shownRows: rows.rows.count, table: table)
        if let footer { table.widen(TextWidth.of(footer) + 4, limit: width) }
        return table.text(footer: footer)
    }

    private func shownRows(_ count: Int) -> (rows: [Int], gapAfter: Int?) {
        guard let maximumRows, count > maximumRows else { return (Array(0..<count), nil) }
        let head = (maximumRows + 1) / 2
        let tail = maximumRows - head
        return (Array(0..<head) + Array((count - tail)..<count), head)
    }

    private func footer(_ result: QueryResult, shownRows: Int, table: BoxTable) -> String? {
        var parts: [String] = []
        if shownRows < result.rowCount {
            parts.append("\(result.rowCount) rows (\(shownRows) shown)")
        } else if result.rowCount != 1, result.rowCount > 9 || result.rowCount == 0 {
            parts.append("\(result.rowCount) rows")
        }
        if table.shown.count < result.columns.count {
            parts.append("\(result.columns.count) columns (\(table.shown.count) shown)")
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

/// The texts of a box and the widths of its columns.
private struct BoxTable {
    private let names: [String]
    private let types: [String]
    private let isNumeric: [Bool]
    /// By column, then row; a row of dots stands in a gap.
    private var cells: [[String]] = []
    private let rowCount: Int
    private var widths: [Int]
    /// The columns that are drawn, in order.
    private(set) var shown: [Int]

    init(_ result: QueryResult, rows: [Int], gapAfter: Int?) {
        names = result.columns.map { BoxTable.printable($0.name) }
        types = result.columns.map(\.typeName)
        isNumeric = result.columns.map(\.isNumeric)
        for column in result.columns.indices {
            var texts = rows.map { row in result.text(row: row, column: column).map(BoxTable.printable) ?? "NULL" }
            if let gapAfter { texts.insert("·", at: gapAfter) }
            cells.append(texts)
        }
        rowCount = rows.count + (gapAfter == nil ? 0 : 1)
        shown = Array(result.columns.indices)
        widths = []
        for column in result.columns.indices {
            var width = max(TextWidth.of(names[column]), TextWidth.of(types[column]))
            for text in cells[column] { width = max(width, TextWidth.of(text)) }
            widths.append(width)
        }
    }

    private static func printable(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 32 || $0 == 127 }) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped += "\\n"
            case "\t": escaped += "\\t"
            case "\r": escaped += "\\r"
            case _ where scalar.value < 32 || scalar.value == 127:
                escaped += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private var totalWidth: Int { shown.reduce(1) { $0 + widths[$1] + 3 } }

    /// Narrows the widest columns down to `narrowest`, then leaves out columns in the middle.
    mutating func fit(_ limit: Int, narrowest: Int) {
        while totalWidth > limit {
            guard let widest = shown.max(by: { widths[$0] < widths[$1] }), widths[widest] > narrowest else { break }
            let second = shown.filter { $0 != widest }.map { widths[$0] }.max() ?? narrowest
            let excess = totalWidth - limit
            widths[widest] = max(narrowest, min(widths[widest] - 1, max(second, widths[widest] - excess)))
        }
        while totalWidth > limit, shown.count > 1 { shown.remove(at: shown.count / 2) }
        if totalWidth > limit, let last = shown.first { widths[last] = max(1, limit - 4) }
    }

    /// Makes room for a footer of a width.
    mutating func widen(_ wanted: Int, limit: Int?) {
        guard let last = shown.last else { return }
        widths[last] += max(0, min(wanted, limit ?? wanted) - totalWidth)
    }

    func text(footer: String?) -> String {
        var lines: [String] = [rule("┌", "┬", "┐")]
        lines.append(row { centred(names[$0], widths[$0]) })
        lines.append(row { centred(types[$0], widths[$0]) })
        lines.append(rule("├", rowCount == 0 && footer == nil ? "┴" : "┼", "┤"))
        for index in 0..<rowCount {
            lines.append(row { isNumeric[$0] ? right(cells[$0][index], widths[$0]) : left(cells[$0][index], widths[$0]) })
        }
        if let footer {
            if rowCount > 0 { lines.append(rule("├", "┴", "┤")) } else { lines[lines.count - 1] = rule("├", "┴", "┤") }
            lines.append("│ " + left(footer, totalWidth - 4) + " │")
            lines.append("└" + String(repeating: "─", count: totalWidth - 2) + "┘")
        } else {
            lines.append(rule("└", "┴", "┘"))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func rule(_ first: String, _ middle: String, _ last: String) -> String {
        first + shown.map { String(repeating: "─", count: widths[$0] + 2) }.joined(separator: middle) + last
    }

    private func row(_ cell: (Int) -> String) -> String {
        "│ " + shown.map(cell).joined(separator: " │ ") + " │"
    }

    private func left(_ text: String, _ width: Int) -> String {
        let cut = TextWidth.cut(text, to: width)
        return cut + blanks(width - TextWidth.of(cut))
    }

    private func right(_ text: String, _ width: Int) -> String {
        let cut = TextWidth.cut(text, to: width)
        return blanks(width - TextWidth.of(cut)) + cut
    }

    private func centred(_ text: String, _ width: Int) -> String {
        let cut = TextWidth.cut(text, to: width)
        let room = max(0, width - TextWidth.of(cut))
        return blanks(room / 2) + cut + blanks(room - room / 2)
    }

    private func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
