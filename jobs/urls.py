from django.urls import path

from jobs.views import applications, applying, companies, feeds, jobs, marks, reports, search

app_name = "jobs"
urlpatterns = [
    path("jobs/", search.search, name="search"),
    path("jobs/feed/", feeds.feed, name="feed"),
    path("jobs/saved/", marks.saved, name="saved"),
    path("jobs/applied/", applications.applied, name="applied"),
    path("jobs/<int:pk>/", jobs.job, name="job_by_number"),
    path("jobs/<int:pk>/application/", applying.apply, name="apply"),
    path("jobs/<int:pk>/application/removal/", applications.remove, name="remove_application"),
    path("jobs/<int:pk>/application/return/", applications.restore, name="restore_application"),
    path("jobs/<int:pk>/report/", reports.report, name="report"),
    path("jobs/<int:pk>/bookmark/", marks.save, name="save"),
    path("jobs/<int:pk>/bookmark/removal/", marks.unsave, name="unsave"),
    path("jobs/<int:pk>/<str:slug>/", jobs.job, name="job"),
    path("companies/<slug:slug>/", companies.company, name="company"),
]
