import ZLColumnar

extension Session {
    func set(_ statement: SetStatement) throws(ZLError) -> QueryResult {
        let setting = try SettingTable.setting(named: statement.name)
        guard statement.values.count == 1, let expression = statement.values.first else {
            throw ZLError(
                .binding, "invalid_setting", "the setting \(setting.name) takes one value, found \(statement.values.count)",
                range: statement.name.range)
        }
        let text = try settingText(expression)
        guard setting.set(&settings, SettingValue(text: text.lowercasedASCII)) else {
            throw ZLError(
                .binding, "invalid_setting", "the setting \(setting.name) cannot be \(text), expected \(setting.range)",
                range: expression.range)
        }
        return QueryResult()
    }

    /// A bare word stands for itself.
    private func settingText(_ expression: Expression) throws(ZLError) -> String {
        if case .column(let parts) = expression.kind, parts.count == 1 { return parts[0].text }
        let constant = try constant(expression)
        return constant.value.isNull ? "NULL" : TextFormat.text(of: constant.value, type: constant.type)
    }

    func reset(_ name: Identifier) throws(ZLError) -> QueryResult {
        let setting = try SettingTable.setting(named: name)
        guard setting.set(&settings, SettingValue(text: setting.text(Settings()))) else {
            throw ZLError(.internal, "invalid_default", "the default of the setting \(setting.name) is none of its values")
        }
        return QueryResult()
    }

    func setVariable(_ name: Identifier, _ expression: Expression) throws(ZLError) -> QueryResult {
        variables[name.text.lowercasedASCII] = try constant(expression)
        return QueryResult()
    }

    func resetVariable(_ name: Identifier) -> QueryResult {
        variables[name.text.lowercasedASCII] = nil
        return QueryResult()
    }
}
