{# Why staging rejects a row of the purchases, {reason: what it means}, in the order in which the reasons are looked
   for. #}
{% macro purchase_rejection_reasons() %}
    {{ return({
        'more cells than headers':
            'the row has more cells than the file has headers, so which value belongs where is unknown; often a '
            'separator that should stand in quotes',
        'missing customer': 'the customer is blank or a mark of a missing value such as ? or n/a',
        'unreadable date': 'the date is missing, or is none that exists',
        'after as_of': 'the purchase came after the day that features are computed for, and was not known then',
        'date out of range':
            'the date lies outside the range that the project sets, or with hardly any others far from all the rest, as '
            'a mistyped year does',
        'unreadable amount': 'the amount is missing or no number, or the quantity or the unit price that it is made of',
        'unreadable return flag': 'the column that marks returns says neither yes nor no',
        'other currency': 'the currency is not the one of most rows, or not said',
        'repeated row': 'every column of the source equals that of an earlier row',
        'unknown customer': 'no customer of the customer table has this id',
    }) }}
{% endmacro %}
