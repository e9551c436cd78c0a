from datetime import date
from decimal import Decimal

from django.db import migrations

SOURCE = "IRS, yearly average currency exchange rates, 2023"
# Units of each currency for one US dollar, as published. Staff put in newer ones whenever they like.
UNITS_FOR_A_DOLLAR = {
    "AED": "3.673",
    "AUD": "1.506",
    "BRL": "4.994",
    "CAD": "1.350",
    "CHF": "0.899",
    "CNY": "7.075",
    "DKK": "6.890",
    "EUR": "0.924",
    "GBP": "0.804",
    "HKD": "7.829",
    "HUF": "353.020",
    "ILS": "3.687",
    "INR": "82.572",
    "ISK": "137.857",
    "JPY": "140.511",
    "KRW": "1306.686",
    "MXN": "17.733",
    "NOK": "10.564",
    "NZD": "1.630",
    "QAR": "3.643",
    "SAR": "3.752",
    "SEK": "10.613",
    "SGD": "1.343",
    "THB": "34.802",
    "TWD": "31.160",
    "ZAR": "18.457",
}


def seed(apps, schema_editor):
    rate = apps.get_model("jobs", "ExchangeRate")
    rows = [
        rate(currency=currency, dollars=round(1 / Decimal(units), 6), as_of=date(2023, 12, 31), source=SOURCE)
        for currency, units in UNITS_FOR_A_DOLLAR.items()
    ]
    rate.objects.bulk_create(rows, ignore_conflicts=True)


def remove(apps, schema_editor):
    apps.get_model("jobs", "ExchangeRate").objects.filter(source=SOURCE).delete()


class Migration(migrations.Migration):
    dependencies = [("jobs", "0007_sample_follows_documents")]
    operations = [migrations.RunPython(seed, remove)]
